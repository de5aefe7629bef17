export { projectFiles } from '../project.ts';
