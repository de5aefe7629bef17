export { configSchemaCommand } from '../commands/config-schema.ts';
export { doctorCommand } from '../commands/doctor.ts';
export { fetchCommand } from '../commands/fetch.ts';
export { prepareCommand } from '../commands/prepare.ts';
export { simulateCommand } from '../commands/simulate.ts';
