import { Command } from 'commander';
import { z } from 'zod';
import { configSchema } from '../config.ts';

/** The JSON Schema of `tidemark.config.json`, from the same source that checks it; editors complete the file by it. */
export function configJsonSchema(): object {
  return { ...z.toJSONSchema(configSchema, { io: 'input' }), title: 'Tidemark configuration' };
}

/** `trainer config-schema`: prints `configJsonSchema`. */
export function configSchemaCommand(): Command {
  return new Command('config-schema')
    .description('Print the JSON Schema of tidemark.config.json, for editors.')
    .action(() => {
      process.stdout.write(`${JSON.stringify(configJsonSchema(), null, 2)}\n`);
    });
}
