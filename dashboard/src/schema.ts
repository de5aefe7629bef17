const FABRIC = 'https://developer.microsoft.com/json-schemas/fabric';

/** Versions of Microsoft's schemas the files are written to. */
export const SCHEMA = {
  pbip: `${FABRIC}/pbip/pbipProperties/1.0.0/schema.json`,
  platform: `${FABRIC}/gitIntegration/platformProperties/2.0.0/schema.json`,
  pbir: `${FABRIC}/item/report/definitionProperties/2.0.0/schema.json`,
  pbism: `${FABRIC}/item/semanticModel/definitionProperties/1.0.0/schema.json`,
  version: `${FABRIC}/item/report/definition/versionMetadata/1.0.0/schema.json`,
  report: `${FABRIC}/item/report/definition/report/3.3.0/schema.json`,
  pages: `${FABRIC}/item/report/definition/pagesMetadata/1.1.0/schema.json`,
  page: `${FABRIC}/item/report/definition/page/2.1.0/schema.json`,
  visual: `${FABRIC}/item/report/definition/visualContainer/2.9.0/schema.json`,
  mobile: `${FABRIC}/item/report/definition/visualContainerMobileState/2.4.0/schema.json`,
  bookmark: `${FABRIC}/item/report/definition/bookmark/2.1.0/schema.json`,
  bookmarks: `${FABRIC}/item/report/definition/bookmarksMetadata/1.0.0/schema.json`,
} as const;

/** A file of the project as JSON text: two spaces, a newline at the end. */
export function jsonText(value: unknown): string {
  return `${JSON.stringify(value, null, 2)}\n`;
}
