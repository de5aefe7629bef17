// Puts the package that `npm run package` has made into the sample report, where Power BI Desktop looks for it.
import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import JSZip from 'jszip';

const made = (await readdir('dist').catch(() => [])).filter((name) => name.endsWith('.pbiviz'));
if (made.length !== 1) {
  process.stderr.write(`${made.length} packages in dist; accepted is one, as npm run package writes it\n`);
  process.exit(2);
}
const zip = await JSZip.loadAsync(await readFile(join('dist', made[0])));
const { guid } = JSON.parse(await zip.file('package.json').async('string')).visual;
const visuals = 'sample/Tidemark sample.Report/CustomVisuals';
await rm(visuals, { recursive: true, force: true });
for (const [name, file] of Object.entries(zip.files)) {
  if (file.dir) continue;
  const target = join(visuals, guid, name);
  await mkdir(dirname(target), { recursive: true });
  await writeFile(target, await file.async('nodebuffer'));
}
process.stdout.write(`sample/Tidemark sample.pbip shows ${made[0]}; open it in Power BI Desktop\n`);
