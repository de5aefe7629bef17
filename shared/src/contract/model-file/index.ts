export { checksum } from './checksum.ts';
export { CHUNK_COLUMNS, chunksOfText, joinChunks, type TextChunk } from './chunks.ts';
export { artifactFiles, parseArtifact } from './files.ts';
export { decodeModel, encodeModel, type ModelFile, rulesInModel } from './text.ts';
