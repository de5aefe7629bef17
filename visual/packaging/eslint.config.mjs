import powerbiVisuals from 'eslint-plugin-powerbi-visuals';

export default [powerbiVisuals.configs.recommended, { ignores: ['node_modules/**', 'dist/**', '.tmp/**'] }];
