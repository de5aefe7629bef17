import { Readable } from 'node:stream';
import { type Info, parse } from 'csv-parse';
import { UserError } from '../../../../errors.ts';
import { elementAt } from '../../../../forecasting/series/element-at.ts';
import type { Proposal } from '../../../shapes.ts';
import { textFacts, textOf } from './text-file.ts';

/** One CSV file as it is to be read. */
export interface CsvFile {
  /** Path as it was found. */
  readonly file: string;
  /** WHATWG label. */
  readonly encoding: string;
  /** Whether its lines end in two ways, which DuckDB refuses. */
  readonly mixedEnds: boolean;
  readonly delimiter: string;
  /** Lines before the header: the one in which Excel names the delimiter. */
  readonly skip: number;
  /** Names in the header, trimmed. */
  readonly header: readonly string[];
}

const DELIMITERS = [',', ';', '\t', '|'];

/**
 * Looks into a CSV file: its encoding, its delimiter and its header.
 * @param configured encoding of files that are not UTF-8 and have no byte order mark.
 * @throws UserError `unknown-encoding` or `no-header`.
 */
export async function openCsv(file: string, configured: string | undefined): Promise<CsvFile> {
  const { encoding: found, mixedEnds } = await textFacts(file);
  const encoding = found === 'unknown' ? configured : found;
  if (encoding === undefined) throw new UnknownEncoding(file, await samplesOf(file));
  const [first = '', second = ''] = await firstLines(file, encoding);
  if (first === '' && second === '')
    throw new UserError('no-header', `${file} is empty; delete it, or name it in files.ignore`);
  const named = /^sep=(.)\s*$/.exec(first)?.[1];
  const line = named === undefined ? first : second;
  const delimiter = named ?? delimiterOf(line);
  const header = await headerOf(line, delimiter);
  if (header.every((name) => name === ''))
    throw new UserError('no-header', `${file} has no header; its first line has to name the columns`);
  const twice = header.find(
    (name, index) => header.findIndex((other) => other.toLowerCase() === name.toLowerCase()) < index,
  );
  if (twice !== undefined)
    throw new UserError(
      'no-header',
      `${file}, line ${named === undefined ? 1 : 2}: the header names column ${twice || '(blank)'} twice`,
    );
  return { file, encoding, mixedEnds, delimiter, skip: named === undefined ? 0 : 1, header };
}

/** Line (from 1) of the first record that `matches`, as the file is counted by an editor; `null` where there is none. */
export async function lineOf(csv: CsvFile, matches: (record: readonly string[]) => boolean): Promise<number | null> {
  const parser = Readable.fromWeb(textOf(csv.file, csv.encoding) as never).pipe(
    parse({
      delimiter: csv.delimiter,
      from_line: csv.skip + 1,
      info: true,
      relax_column_count: true,
      relax_quotes: true,
      record_delimiter: ['\r\n', '\n', '\r'],
      bom: true,
    }),
  );
  let header = true;
  let previous = csv.skip;
  try {
    for await (const { record, info } of parser as AsyncIterable<{ record: string[]; info: Info }>) {
      // `lines` counts to the record's end; it began on the line after the one before it ended.
      const line = previous + 1;
      previous = info.lines;
      if (header) header = false;
      else if (matches(record)) return record.some((cell) => cell.includes('\n')) ? line : info.lines;
    }
  } finally {
    parser.destroy();
  }
  return null;
}

/** A file in an unknown encoding; `proposals` name the one that `doctor --fix` tries. */
class UnknownEncoding extends UserError {
  readonly proposals: readonly Proposal[];

  constructor(file: string, samples: readonly string[]) {
    const read = samples.map((text) => JSON.stringify(text)).join(', ');
    const seen = samples.length > 0 ? `; as windows-1252 it holds ${read}` : '';
    super(
      'unknown-encoding',
      `${file} is not UTF-8${seen}; set files.encoding, for example to windows-1252, shift_jis or utf-16le`,
    );
    this.proposals = samples.length > 0 ? [{ key: 'files.encoding', value: 'windows-1252' }] : [];
  }
}

/** Up to three words with letters beyond ASCII, read as windows-1252. */
async function samplesOf(file: string): Promise<string[]> {
  const words = new Set<string>();
  for await (const text of textOf(file, 'windows-1252') as unknown as AsyncIterable<string>) {
    if (text.includes('\0')) return [];
    for (const [word] of text.matchAll(/[^\s,;|"]*[\u0080-\uffff][^\s,;|"]*/g)) {
      words.add(word.slice(0, 40));
      if (words.size === 3) return [...words];
    }
  }
  return [...words];
}

async function firstLines(file: string, encoding: string): Promise<string[]> {
  let text = '';
  for await (const chunk of textOf(file, encoding) as unknown as AsyncIterable<string>) {
    text += chunk;
    if (text.split(/\r\n|\r|\n/).length > 2 || text.length > 1 << 20) break;
  }
  return text.split(/\r\n|\r|\n/).slice(0, 2);
}

/** The delimiter that makes most columns of a header. */
function delimiterOf(header: string): string {
  const bare = header.replace(/"[^"]*"/g, '');
  const counts = DELIMITERS.map((delimiter) => bare.split(delimiter).length);
  return elementAt(DELIMITERS, counts.indexOf(Math.max(...counts)));
}

async function headerOf(line: string, delimiter: string): Promise<string[]> {
  for await (const record of Readable.from([line]).pipe(parse({ delimiter, bom: true, relax_quotes: true }))) {
    return (record as string[]).map((name) => name.trim());
  }
  return [''];
}
