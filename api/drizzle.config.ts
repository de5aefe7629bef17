import { defineConfig } from 'drizzle-kit';

/** Migrations of the embedded file and D1: `pnpm exec drizzle-kit generate`. */
export default defineConfig({ dialect: 'sqlite', schema: './src/store/schema/sqlite.ts', out: './migrations' });
