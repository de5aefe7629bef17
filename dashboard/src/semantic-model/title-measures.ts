import type { Measure } from './types.ts';
import { type Phrase, phrase } from './words.ts';

/** Titles and words on buttons of the report, by a name in the model. PBIR has no translations; measures have. */
const TITLES = {
  'Title volume of all': {
    en: 'Total payment volume against its band',
    es: 'Volumen total de pagos frente a su banda',
    pt: 'Volume total de pagamentos e sua banda',
  },
  'Title active alarms': { en: 'Active alarms', es: 'Alarmas activas', pt: 'Alarmes ativos' },
  'Title dates': { en: 'Dates', es: 'Fechas', pt: 'Datas' },
  'Title client': { en: 'Client', es: 'Cliente', pt: 'Cliente' },
  'Title hour': { en: 'Hour', es: 'Hora', pt: 'Hora' },
  'Title volume': { en: 'Volume against its band', es: 'Volumen frente a su banda', pt: 'Volume e sua banda' },
  'Title incidents': { en: 'Incidents', es: 'Incidentes', pt: 'Incidentes' },
  'Title lost by week': {
    en: 'Lost and excess volume by week',
    es: 'Volumen perdido y de exceso por semana',
    pt: 'Volume perdido e em excesso por semana',
  },
  'Title state of clients': {
    en: 'Clients, alarmed ones first',
    es: 'Clientes, primero los que tienen alarma',
    pt: 'Clientes, primeiro os que têm alarme',
  },
  'Title outage of clients': {
    en: 'What an outage would cost: at risk is what comes in until it would be noticed',
    es: 'Qué costaría una caída: en riesgo está lo que entra hasta que se notaría',
    pt: 'Quanto custaria uma queda: em risco está o que entra até que seja notada',
  },
  'Title incident picture': {
    en: 'The incident, from two days before to a day after',
    es: 'El incidente, desde dos días antes hasta un día después',
    pt: 'O incidente, de dois dias antes a um dia depois',
  },
  'Title money by cause': {
    en: 'Money against what was expected, by what made it',
    es: 'Dinero frente a lo esperado, según su causa',
    pt: 'Dinheiro em relação ao esperado, pela sua causa',
  },
  'Title cause and parts': { en: 'Cause and parts', es: 'Causa y partes', pt: 'Causa e partes' },
  'Title earlier incidents': {
    en: 'Earlier incidents of the same series',
    es: 'Incidentes anteriores de la misma serie',
    pt: 'Incidentes anteriores da mesma série',
  },
  'Title coverage by week': {
    en: 'Coverage by week against nominal',
    es: 'Cobertura por semana frente a la nominal',
    pt: 'Cobertura por semana e a nominal',
  },
  'Title band width by week': {
    en: 'Band width by week, as a share of the forecast',
    es: 'Ancho de banda por semana, como parte del pronóstico',
    pt: 'Largura da banda por semana, como parte da previsão',
  },
  'Title alarms by week': {
    en: 'Alarms per series-week',
    es: 'Alarmas por serie y semana',
    pt: 'Alarmes por série e semana',
  },
  'Title by series': { en: 'By series', es: 'Por serie', pt: 'Por série' },
  'Button alarms only': { en: 'Alarms only', es: 'Solo alarmas', pt: 'Só alarmes' },
  'Button everything': { en: 'Everything', es: 'Todo', pt: 'Tudo' },
  'Button back': { en: '← Back', es: '← Volver', pt: '← Voltar' },
  'Button acknowledge': {
    en: 'Acknowledge or label ↗',
    es: 'Reconocer o etiquetar ↗',
    pt: 'Reconhecer ou rotular ↗',
  },
} as const satisfies Readonly<Record<string, Phrase>>;

/** Name of a measure that gives a title or the words on a button. */
export type TitleName = keyof typeof TITLES;

/** What the report's titles and buttons say, in the language of the person who looks. */
export const TITLE_MEASURES: readonly Measure[] = Object.entries(TITLES).map(([name, words]) => ({
  name,
  expression: phrase(words),
  description: `“${words.en}” in the language of the person who looks`,
  folder: 'Titles',
  hidden: true,
}));
