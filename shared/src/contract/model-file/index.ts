export { encodeBase64 } from './base64.ts';
export { decodeBundle, encodeBundle } from './bundle.ts';
export { CHUNK_COLUMNS, chunksOfText, joinChunks, type TextChunk } from './chunks.ts';
export { asciiBytes, crc32, hex8 } from './crc32.ts';
export { artifactFiles, parseArtifact } from './files.ts';
export { decodeArtifact, encodeArtifact } from './text.ts';
