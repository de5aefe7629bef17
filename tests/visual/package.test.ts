import { readPackage } from '@tidemark/tools/power-bi-host/package-file';
import { packageVisual } from '@tidemark/visual/package';
import { describe, expect, test } from 'vitest';

const { path, output } = await packageVisual();
const visual = await readPackage(path);

describe('pbiviz package --certification-audit', () => {
  test('prints no error and no warning about the visual', () => {
    const told = output.split('\n').filter((line) => /^\s*(error|warn)\b/.test(line));
    const harmless = [/recommended eslint config/, /Skipping API check/, /Certificate verification error/];
    expect(told.filter((line) => !harmless.some((pattern) => pattern.test(line)))).toEqual([]);
    expect(output).toContain('No external requests found in the visual.');
    expect(output).toContain('Build completed successfully');
    expect(output).not.toMatch(/Linter found/);
  });

  test('makes a package of at most 220 KB', () => {
    expect(visual.bytes).toBeLessThanOrEqual(220 * 1024);
  });

  test('asks for no privilege but to export what the reader sees', () => {
    expect((visual.capabilities as { privileges?: unknown }).privileges).toEqual([
      { name: 'ExportContent', essential: false },
    ]);
  });

  test('has words for every key in every language', () => {
    const keys = Object.keys(visual.stringResources['en-US'] ?? {}).sort();
    expect(Object.keys(visual.stringResources).sort()).toEqual([
      'de-DE',
      'en-US',
      'es-ES',
      'fr-FR',
      'it-IT',
      'ja-JP',
      'pt-BR',
    ]);
    for (const [locale, words] of Object.entries(visual.stringResources)) {
      expect(Object.keys(words).sort(), locale).toEqual(keys);
      expect(Object.values(words).every((word) => word.trim() !== '')).toBe(true);
      for (const key of keys) {
        const holes = (text = '') => [...new Set(text.match(/\{\d\}/g))].sort();
        expect(holes(words[key]), `${locale} ${key}`).toEqual(holes(visual.stringResources['en-US']?.[key]));
      }
    }
  });
});
