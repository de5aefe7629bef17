import { defineConfig } from 'drizzle-kit';

/** Migrations of PostgreSQL: `pnpm exec drizzle-kit generate --config drizzle.postgres.config.ts`. */
export default defineConfig({
  dialect: 'postgresql',
  schema: './src/store/schema/postgres.ts',
  out: './migrations-postgres',
});
