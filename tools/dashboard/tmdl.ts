/** One object of a TMDL text: `table Bands`, `measure 'Deviation %' = …`, `column Series`. */
export interface TmdlObject {
  readonly kind: string;
  readonly name: string;
  readonly description: string;
  /** Text after `=`, dedented; `null` without one. */
  expression: string | null;
  /** `name: value` lines; a bare word is a property with the value `true`. */
  readonly properties: Map<string, string>;
  readonly children: TmdlObject[];
}

const OBJECT =
  /^(table|column|measure|partition|expression|relationship|annotation|model|database|ref table|ref role|ref cultureInfo|role|tablePermission|cultureInfo)\b ?(.*)$/;
const NAME = /^('(?:[^']|'')*'|[^\s=]+)?\s*(.*)$/;

/**
 * Reads the TMDL used here, strictly: tabs only, children exactly one tab deeper than their parent, expressions exactly
 * two tabs deeper than the object (one deeper than its properties).
 * @throws Error naming the line that is out of place.
 */
export function readTmdl(text: string): TmdlObject[] {
  const root: TmdlObject[] = [];
  const open: { readonly object: TmdlObject; readonly depth: number }[] = [];
  let descriptions: string[] = [];
  /** Object or property that a following deeper text belongs to. */
  let expecting: { readonly depth: number; readonly take: (line: string) => void } | null = null;

  for (const [number, raw] of text.split('\n').entries()) {
    const indent = /^\s*/.exec(raw)?.[0] ?? '';
    const line = raw.slice(indent.length);
    const depth = indent.length;
    const wrong = (what: string) => new Error(`line ${number + 1}: ${what}: ${raw}`);
    if (indent.replaceAll('\t', '') !== '') throw wrong('indented by something other than tabs');
    if (line === '') continue;
    if (expecting !== null && depth >= expecting.depth) {
      expecting.take('\t'.repeat(depth - expecting.depth) + line);
      continue;
    }
    expecting = null;
    if (line.startsWith('///')) {
      descriptions.push(line.slice(3).trim());
      continue;
    }
    while (open.length > 0 && (open.at(-1)?.depth as number) >= depth) open.pop();
    const parent = open.at(-1);
    if (depth > 0 && (parent === undefined || parent.depth !== depth - 1)) throw wrong('not one tab below its parent');
    const object = OBJECT.exec(line);
    if (object !== null) {
      const [, name = '', rest = ''] = NAME.exec(object[2] as string) ?? [];
      const found: TmdlObject = {
        kind: object[1] as string,
        name: unquoted(name),
        description: descriptions.join('\n'),
        expression: null,
        properties: new Map(),
        children: [],
      };
      descriptions = [];
      if (rest.startsWith('=')) {
        found.expression = rest.slice(1).trim();
        if (found.expression === '') {
          const taken: string[] = [];
          expecting = {
            depth: depth + 2,
            take: (next) => {
              taken.push(next);
              found.expression = taken.join('\n');
            },
          };
        }
      } else if (rest !== '') throw wrong('cannot be read');
      (parent?.object.children ?? root).push(found);
      open.push({ object: found, depth });
      continue;
    }
    if (parent === undefined) throw wrong('a property of nothing');
    const [, key, assignment, value = ''] = /^(\w+)\s*(?:([:=])\s*(.*))?$/.exec(line) ?? [];
    if (key === undefined) throw wrong('neither an object nor a property');
    parent.object.properties.set(key, assignment === undefined ? 'true' : value);
    if (assignment === '=' && value === '') {
      const taken: string[] = [];
      expecting = {
        depth: depth + 2,
        take: (next) => {
          taken.push(next);
          parent.object.properties.set(key, taken.join('\n'));
        },
      };
    }
    if (assignment === undefined) open.push({ object: { ...parent.object, children: [] }, depth });
  }
  return root;
}

function unquoted(name: string): string {
  return name.startsWith("'") ? name.slice(1, -1).replaceAll("''", "'") : name;
}

/** The two names of `Table.Column`, each perhaps in quotes. */
export function columnPath(text: string): [table: string, column: string] {
  const [, table = '', column = ''] = /^('(?:[^']|'')*'|[^.]+)\.(.+)$/.exec(text) ?? [];
  return [unquoted(table), unquoted(column)];
}
