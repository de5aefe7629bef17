export { projectFiles, semanticModelFiles } from '../project.ts';
