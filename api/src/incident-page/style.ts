import { LEAST_CONTRAST, legible, MARK_COLOURS } from '@tidemark/shared/palette';

const PAPER = { light: '#ffffff', dark: '#12181e' } as const;
const NAMES = ['actual', 'band', 'info', 'warning', 'critical', 'ok'] as const;

/** The colours of marks, each such that a link in it or a word in the paper's colour on it can be read. */
const ground = (of: keyof typeof PAPER) =>
  NAMES.map((name) => `--${name}:${legible(MARK_COLOURS[of][name], PAPER[of], LEAST_CONTRAST.words)}`).join(';');

/** The page's style: one column for a phone, light and dark, nothing loaded from elsewhere. */
export const STYLE = `
:root{color-scheme:light dark;--ink:#1d2733;--soft:#566575;--line:#dde3e8;--paper:${PAPER.light};--tint:#f3f6f8;${ground('light')}}
@media (prefers-color-scheme:dark){:root{--ink:#e8edf2;--soft:#9fadba;--line:#2f3a45;--paper:${PAPER.dark};--tint:#1b232b;${ground('dark')}}}
*{box-sizing:border-box}
body{margin:0;background:var(--paper);color:var(--ink);font:16px/1.5 system-ui,-apple-system,'Segoe UI',sans-serif;-webkit-text-size-adjust:100%;overflow-wrap:anywhere}
main{max-width:46rem;margin:0 auto;padding:1rem 1rem 4rem}
header p{margin:.2rem 0}
h1{font-size:1.5rem;line-height:1.25;margin:.5rem 0 .3rem;overflow-wrap:anywhere}
h2{font-size:1rem;margin:2rem 0 .6rem;font-weight:650}
.soft,.tick{color:var(--soft);fill:var(--soft)}
.soft{font-size:.95rem}
.chip{display:inline-block;border-radius:1rem;padding:.1rem .7rem;font-size:.85rem;font-weight:650;color:var(--paper)}
.chip.info{background:var(--info)}.chip.warning{background:var(--warning)}.chip.critical{background:var(--critical)}
.sum{font-size:1.9rem;font-weight:700;line-height:1.2;margin:.5rem 0 0;font-variant-numeric:tabular-nums}
.sum.withdrawn{color:var(--soft);text-decoration:line-through}
.where{margin:.1rem 0 0;font-size:1.05rem}
.notice{background:var(--tint);border-left:4px solid var(--warning);padding:.5rem .8rem;margin:1rem 0;border-radius:.2rem}
svg{display:block;width:100%;height:auto;overflow:visible}
svg text{font:15px system-ui,sans-serif;fill:var(--ink)}
svg text.tick{font-size:13px;fill:var(--soft)}
h3{font-size:.95rem;font-weight:600;color:var(--soft);margin:1.1rem 0 .3rem}
ul.rows{list-style:none;margin:0;padding:0;display:grid;gap:.55rem}
ul.rows li{display:grid;grid-template-columns:1fr auto;gap:.1rem 1rem;align-items:baseline}
ul.rows b{font-variant-numeric:tabular-nums}
ul.rows span{overflow-wrap:anywhere}
ul.rows small{color:var(--soft);white-space:nowrap}
ul.rows svg{grid-column:1/-1;height:.65rem;border-radius:.2rem;overflow:hidden}
.rail{fill:var(--tint)}
.picture path{vector-effect:non-scaling-stroke}
.grid{stroke:var(--line);stroke-width:1}
.span{fill:var(--warning);opacity:.13}
.band{fill:var(--band);opacity:.2}
.median{fill:none;stroke:var(--band);stroke-width:2;stroke-dasharray:6 4}
.week{fill:none;stroke:var(--soft);stroke-width:1.4;opacity:.75}
.actual{fill:none;stroke:var(--actual);stroke-width:2.4;stroke-linejoin:round}
.dot{fill:var(--critical)}
.total{fill:var(--soft);opacity:.55}.minus{fill:var(--critical)}.plus{fill:var(--ok)}
.legend{display:flex;flex-wrap:wrap;gap:.2rem 1.1rem;list-style:none;padding:0;margin:.4rem 0 0;font-size:.85rem;color:var(--soft)}
.legend svg{display:inline-block;width:26px;height:10px;margin-right:.35rem;vertical-align:middle}
ul.plain{padding-left:1.1rem;margin:.3rem 0}
ol.others{list-style:none;padding:0;margin:0}
ol.others li{border-top:1px solid var(--line);padding:.55rem 0}
a{color:var(--band)}
a.jump{display:inline-block;padding:.3rem .5rem .3rem 0}
.note{white-space:pre-line}
form{margin:.6rem 0 0;display:grid;gap:.7rem}
label{display:grid;gap:.25rem;font-size:.9rem;color:var(--soft)}
input,textarea{font:inherit;color:var(--ink);background:var(--paper);border:1px solid var(--soft);border-radius:.5rem;padding:.6rem .7rem;width:100%;min-width:0}
.buttons{display:grid;grid-template-columns:1fr 1fr;gap:.6rem}
button{font:inherit;font-weight:600;min-height:3rem;border-radius:.6rem;border:1px solid var(--soft);background:var(--tint);color:var(--ink);padding:.4rem .6rem}
button.first{background:var(--ink);color:var(--paper);border-color:var(--ink);grid-column:1/-1}
button:focus-visible,a:focus-visible,input:focus-visible,textarea:focus-visible{outline:3px solid var(--band);outline-offset:2px}
footer{margin-top:2.5rem;font-size:.9rem;color:var(--soft)}
footer a{display:inline-block;padding:.6rem .5rem}
@media (max-width:34rem){svg text.tick{font-size:22px}.dot{r:5px}h1{font-size:1.35rem}}
`;
