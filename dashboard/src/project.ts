import { guidOf } from './guid.ts';
import type { PackagedVisual } from './packaged-visual.ts';
import { reportDefinition } from './report/pbir.ts';
import type { THEMES } from './report/theme.ts';
import { jsonText, SCHEMA } from './schema.ts';
import { SEMANTIC_MODEL } from './semantic-model/semantic-model.ts';
import { tmdlFiles } from './semantic-model/tmdl.ts';

/** Name of the project and of its items. */
export const NAME = 'Tidemark';

/** What a report says of the semantic model it reads. */
export type ModelReference =
  | { readonly byPath: { readonly path: string } }
  | { readonly byConnection: { readonly connectionString: string } };

export interface ReportOptions {
  readonly reference?: ModelReference;
  readonly theme?: keyof typeof THEMES;
}

/** Values of the semantic model's parameters, by name, each as an M expression. */
export type ParameterValues = Readonly<Record<string, string>>;

/**
 * The files of the semantic model, by path below `Tidemark.SemanticModel/`.
 * @param values replace the defaults of parameters, so that a definition is right from the moment it is uploaded.
 */
export function semanticModelFiles(values: ParameterValues = {}): Map<string, string> {
  const sharedQueries = SEMANTIC_MODEL.sharedQueries.map((query) => ({
    ...query,
    expression: values[query.name] ?? query.expression,
  }));
  const files = new Map([
    ['.platform', platform('SemanticModel')],
    ['definition.pbism', jsonText({ $schema: SCHEMA.pbism, version: '4.2', settings: {} })],
  ]);
  for (const [path, text] of tmdlFiles({ ...SEMANTIC_MODEL, sharedQueries })) files.set(`definition/${path}`, text);
  return files;
}

/** The files of the report with the visual inside, by path below `Tidemark.Report/`. */
export function reportFiles(
  visual: PackagedVisual,
  { reference, theme = 'light' }: ReportOptions = {},
): Map<string, string> {
  const datasetReference = reference ?? { byPath: { path: `../${NAME}.SemanticModel` } };
  const files = new Map([
    ['.platform', platform('Report')],
    ['definition.pbir', jsonText({ $schema: SCHEMA.pbir, version: '4.0', datasetReference })],
  ]);
  for (const [path, text] of reportDefinition(visual.guid, theme)) files.set(path, text);
  for (const [path, text] of visual.files) files.set(`CustomVisuals/${visual.guid}/${path}`, text);
  return files;
}

/** Every file of the Power BI project, by path below the project's folder. */
export function projectFiles(visual: PackagedVisual): Map<string, string> {
  const settings = { enableAutoRecovery: true };
  const files = new Map([
    [
      `${NAME}.pbip`,
      jsonText({ $schema: SCHEMA.pbip, version: '1.0', artifacts: [{ report: { path: `${NAME}.Report` } }], settings }),
    ],
  ]);
  for (const [path, text] of semanticModelFiles()) files.set(`${NAME}.SemanticModel/${path}`, text);
  for (const [path, text] of reportFiles(visual)) files.set(`${NAME}.Report/${path}`, text);
  return files;
}

function platform(type: 'Report' | 'SemanticModel'): string {
  return jsonText({
    $schema: SCHEMA.platform,
    metadata: { type, displayName: NAME },
    config: { version: '2.0', logicalId: guidOf(`item/${type}`) },
  });
}
