import type { ExplanationRemark } from '@tidemark/shared/detection';
import type { IncidentStatus, Language, LossCause, Severity } from '@tidemark/shared/vocabulary';

/** The page's own words in one language. */
export interface PageWords {
  readonly severities: Readonly<Record<Severity, string>>;
  readonly statuses: Readonly<Record<IncidentStatus, string>>;
  readonly lost: string;
  readonly excess: string;
  readonly from: (start: string, end: string) => string;
  /** Of what goes on: when it began, and until when it was seen. */
  readonly since: (start: string, end: string) => string;
  readonly picture: string;
  /** In place of the picture of an incident whose figures are gone. */
  readonly notKept: string;
  readonly actual: string;
  readonly expected: string;
  readonly band: (percent: string) => string;
  readonly lastWeek: string;
  readonly money: string;
  readonly causes: Readonly<Record<LossCause | 'before' | 'now', string>>;
  readonly where: string;
  readonly sales: (observed: string, expected: string) => string;
  readonly rest: string;
  /** What stands beside each value of a dimension. */
  readonly ofValues: string;
  readonly asked: string;
  readonly askedNow: string;
  /** No column that was asked about is filled in the incident's rows. */
  readonly askedEmpty: string;
  readonly askFailed: (why: string) => string;
  readonly noValue: string;
  readonly compared: (weeks: number) => string;
  readonly thenAndNow: (before: string, now: string) => string;
  readonly noLastWeek: string;
  readonly after: string;
  readonly afterText: (duration: string, percent: string) => string;
  readonly afterNone: string;
  readonly others: string;
  readonly noOthers: string;
  readonly storm: string;
  readonly stormClients: string;
  readonly stormFurther: (count: number) => string;
  readonly know: string;
  readonly remarks: Readonly<Record<ExplanationRemark, (about: string) => string>>;
  /** What of the page of a withdrawn incident is of before. */
  readonly withdrawn: string;
  readonly corrected: (buckets: number, first: string | null) => string;
  /** Of one whose own figures stayed, but not what is expected by those of the weeks before. */
  readonly comparedAnew: (first: string) => string;
  readonly raised: (detector: string, percent: string) => string;
  readonly answer: string;
  readonly note: string;
  readonly buttons: Readonly<Record<'ack' | 'normal' | 'incident' | 'unlabel' | 'mute' | 'unmute' | 'note', string>>;
  readonly until: (zone: string) => string;
  /** What is wrong with a time that a mute cannot end at. */
  readonly notThen: (days: number, zone: string) => string;
  readonly muted: (until: string) => string;
  readonly acknowledged: (by: string, at: string) => string;
  readonly labels: Readonly<Record<'normal' | 'incident', string>>;
  readonly signIn: string;
  readonly signInWhy: string;
  readonly key: string;
  readonly wrongKey: string;
  readonly readOnly: string;
  readonly expired: string;
  /** Said to who asks for an incident that there is not. */
  readonly unknown: string;
  /** Said to who sends a form after the sign-in has ended, and to who sends one that is older than it. */
  readonly ended: string;
  readonly stale: string;
  /** Said to who has written a note where somebody else has written one meanwhile. */
  readonly otherNote: string;
  readonly languages: string;
}

export const PAGE_WORDS: Readonly<Record<Language, PageWords>> = {
  en: {
    severities: { info: 'Info', warning: 'Warning', critical: 'Critical' },
    statuses: { open: 'goes on', closed: 'is over', withdrawn: 'withdrawn' },
    lost: 'missing',
    excess: 'too much',
    from: (start, end) => `${start} to ${end}`,
    since: (start, end) => `since ${start}, seen until ${end}`,
    picture: 'What happened',
    notKept: 'The figures of these hours are no longer kept.',
    actual: 'actual',
    expected: 'expected',
    band: (percent) => `${percent} band`,
    lastWeek: 'a week before',
    money: 'Money by cause',
    causes: {
      before: 'Expected',
      attempts: 'Attempts',
      approval: 'Approval',
      ticket: 'Ticket',
      refunds: 'Refunds',
      now: 'Seen',
    },
    where: 'Where',
    sales: (observed, expected) => `${observed} of ${expected} sales`,
    rest: 'the rest',
    ofValues: 'Sales seen / expected, and their money without refunds.',
    asked: 'Looked up in the transactions',
    askedNow: 'Asked, not answered yet.',
    askedEmpty: 'The columns asked about have no values in these hours.',
    askFailed: (why) => `Could not be looked up: ${why}.`,
    noValue: 'Shows in no value more than in others.',
    compared: (weeks) => `Same time ${weeks === 1 ? 'a week' : `${weeks} weeks`} before`,
    thenAndNow: (before, now) => `${before} then, ${now} in this incident.`,
    noLastWeek: 'Not known for all of these hours.',
    after: 'What happened next',
    afterText: (duration, percent) => `In the ${duration} after it, ${percent} of what was expected came in.`,
    afterNone: 'Nothing is known after it yet.',
    others: 'Other incidents in 90 days',
    noOthers: 'None.',
    storm: 'Part of a storm',
    stormClients: 'Others in the same storm',
    stormFurther: (count) => `and ${count} more`,
    know: 'To know',
    remarks: {
      'few-weeks': (weeks) => `Expected from ${weeks} ${weeks === '1' ? 'week' : 'weeks'} only: less sure than usual.`,
      'missing-buckets': (buckets) =>
        buckets === '1'
          ? '1 time slot of it is not known and not counted here.'
          : `${buckets} time slots of it are not known and not counted here.`,
      'refunds-unknown': () => 'Refunds are not told apart: they are within the ticket.',
      'parts-differ': (dimension) =>
        `More was counted by ${dimension} than in all: its parts do not add up and name nothing.`,
      'new-values': (value) => `${value} was never seen in the weeks before.`,
      'gone-values': (value) => `${value} had stopped before this incident began.`,
      'members-differ': () => 'The clients of this group do not add up to it.',
    },
    withdrawn: 'The picture is of what is known now; headline, money and where are how it looked before.',
    corrected: (buckets, first) =>
      `${buckets === 1 ? '1 time slot was' : `${buckets} time slots were`} corrected afterwards.${first === null ? '' : ` Before, the difference was ${first}.`}`,
    comparedAnew: (first) => `What it is compared with has changed since. Before, the difference was ${first}.`,
    raised: (detector, percent) =>
      `Answers have raised the threshold of “${detector}” by ${percent} at these hours; half of that is gone after six weeks.`,
    answer: 'Your answer',
    note: 'Note',
    buttons: {
      ack: 'Acknowledge',
      normal: 'Was normal',
      incident: 'Was an incident',
      unlabel: 'Take the answer back',
      mute: 'Mute until then',
      unmute: 'End the mute now',
      note: 'Save the note only',
    },
    until: (zone) => `Mute until (${zone})`,
    notThen: (days, zone) => `Not muted: choose a time from now on, within ${days} days (${zone}).`,
    muted: (until) => `Client muted until ${until}.`,
    acknowledged: (by, at) => `Acknowledged by ${by}, ${at}.`,
    labels: { normal: 'Answered: was normal.', incident: 'Answered: was an incident.' },
    signIn: 'Sign in',
    signInWhy: 'With an API key; it holds for 12 hours in this browser.',
    key: 'API key',
    wrongKey: 'No such key, or it may not read.',
    readOnly: 'This key may read only; answers take scope admin.',
    expired: 'This link has expired, or is not of this incident.',
    unknown: 'There is no such incident, or it is no longer kept.',
    ended: 'The sign-in has ended: nothing was saved.',
    stale: 'This page was open since an earlier sign-in: nothing was saved. Send it again.',
    otherNote:
      'Somebody else has changed the note meanwhile; it stands above. Nothing was saved: put both together and send it again.',
    languages: 'Language',
  },
  es: {
    severities: { info: 'Información', warning: 'Advertencia', critical: 'Crítico' },
    statuses: { open: 'continúa', closed: 'ha terminado', withdrawn: 'retirado' },
    lost: 'de menos',
    excess: 'de más',
    from: (start, end) => `${start} a ${end}`,
    since: (start, end) => `desde ${start}, visto hasta ${end}`,
    picture: 'Qué pasó',
    notKept: 'Las cifras de estas horas ya no se conservan.',
    actual: 'real',
    expected: 'esperado',
    band: (percent) => `banda del ${percent}`,
    lastWeek: 'una semana antes',
    money: 'Dinero por causa',
    causes: {
      before: 'Esperado',
      attempts: 'Intentos',
      approval: 'Aprobación',
      ticket: 'Ticket',
      refunds: 'Devoluciones',
      now: 'Real',
    },
    where: 'Dónde',
    sales: (observed, expected) => `${observed} de ${expected} ventas`,
    rest: 'el resto',
    ofValues: 'Ventas reales / esperadas, y su dinero sin devoluciones.',
    asked: 'Consultado en las transacciones',
    askedNow: 'Consultado, aún sin respuesta.',
    askedEmpty: 'Las columnas consultadas no tienen valores en estas horas.',
    askFailed: (why) => `No se pudo consultar: ${why}.`,
    noValue: 'No destaca en ningún valor.',
    compared: (weeks) => `A la misma hora ${weeks === 1 ? 'una semana' : `${weeks} semanas`} antes`,
    thenAndNow: (before, now) => `${before} entonces, ${now} en este incidente.`,
    noLastWeek: 'No se conoce para todas estas horas.',
    after: 'Qué pasó después',
    afterText: (duration, percent) => `Después, en ${duration}, entró el ${percent} de lo esperado.`,
    afterNone: 'Aún no se sabe nada de después.',
    others: 'Otros incidentes en 90 días',
    noOthers: 'Ninguno.',
    storm: 'Parte de una tormenta',
    stormClients: 'Otros de la misma tormenta',
    stormFurther: (count) => `y ${count} más`,
    know: 'A tener en cuenta',
    remarks: {
      'few-weeks': (weeks) =>
        `Esperado a partir de solo ${weeks} ${weeks === '1' ? 'semana' : 'semanas'}: menos seguro que de costumbre.`,
      'missing-buckets': (buckets) =>
        `${buckets} de sus franjas ${buckets === '1' ? 'no se conoce y no cuenta' : 'no se conocen y no cuentan'} aquí.`,
      'refunds-unknown': () => 'Las devoluciones no se distinguen: están dentro del ticket.',
      'parts-differ': (dimension) =>
        `Por ${dimension} se contó más que en total: sus partes no cuadran y no se nombran.`,
      'new-values': (value) => `${value} no se había visto en las semanas anteriores.`,
      'gone-values': (value) => `${value} había dejado de verse antes de este incidente.`,
      'members-differ': () => 'Los clientes de este grupo no suman lo que el grupo.',
    },
    withdrawn: 'El gráfico es de lo que se sabe ahora; titular, dinero y dónde son como se veía antes.',
    corrected: (buckets, first) =>
      `${buckets === 1 ? '1 franja se corrigió' : `${buckets} franjas se corrigieron`} después.${first === null ? '' : ` Antes la diferencia era ${first}.`}`,
    comparedAnew: (first) =>
      `Aquello con lo que se compara ha cambiado desde entonces. Antes la diferencia era ${first}.`,
    raised: (detector, percent) =>
      `Las respuestas han subido el umbral de «${detector}» un ${percent} a estas horas; la mitad desaparece en seis semanas.`,
    answer: 'Su respuesta',
    note: 'Nota',
    buttons: {
      ack: 'Lo he visto',
      normal: 'Era normal',
      incident: 'Era un incidente',
      unlabel: 'Retirar la respuesta',
      mute: 'Silenciar hasta entonces',
      unmute: 'Terminar el silencio ahora',
      note: 'Guardar solo la nota',
    },
    until: (zone) => `Silenciar hasta (${zone})`,
    notThen: (days, zone) => `No se ha silenciado: elija una hora posterior a ahora, dentro de ${days} días (${zone}).`,
    muted: (until) => `Cliente silenciado hasta ${until}.`,
    acknowledged: (by, at) => `Visto por ${by}, ${at}.`,
    labels: { normal: 'Respuesta: era normal.', incident: 'Respuesta: era un incidente.' },
    signIn: 'Entrar',
    signInWhy: 'Con una clave de la API; vale 12 horas en este navegador.',
    key: 'Clave de la API',
    wrongKey: 'No existe tal clave, o no puede leer.',
    readOnly: 'Esta clave solo puede leer; responder requiere el permiso admin.',
    expired: 'Este enlace ha caducado o no es de este incidente.',
    unknown: 'No existe este incidente, o ya no se conserva.',
    ended: 'La sesión ha terminado: no se ha guardado nada.',
    stale: 'Esta página estaba abierta desde una sesión anterior: no se ha guardado nada. Envíelo de nuevo.',
    otherNote:
      'Otra persona ha cambiado la nota mientras tanto; está arriba. No se ha guardado nada: una las dos y envíelo de nuevo.',
    languages: 'Idioma',
  },
  pt: {
    severities: { info: 'Informação', warning: 'Aviso', critical: 'Crítico' },
    statuses: { open: 'continua', closed: 'terminou', withdrawn: 'retirado' },
    lost: 'em falta',
    excess: 'a mais',
    from: (start, end) => `${start} a ${end}`,
    since: (start, end) => `desde ${start}, visto até ${end}`,
    picture: 'O que aconteceu',
    notKept: 'Os números destas horas já não se guardam.',
    actual: 'real',
    expected: 'esperado',
    band: (percent) => `banda de ${percent}`,
    lastWeek: 'uma semana antes',
    money: 'Dinheiro por causa',
    causes: {
      before: 'Esperado',
      attempts: 'Tentativas',
      approval: 'Aprovação',
      ticket: 'Ticket',
      refunds: 'Reembolsos',
      now: 'Real',
    },
    where: 'Onde',
    sales: (observed, expected) => `${observed} de ${expected} vendas`,
    rest: 'o resto',
    ofValues: 'Vendas reais / esperadas, e o seu dinheiro sem reembolsos.',
    asked: 'Consultado nas transações',
    askedNow: 'Consultado, ainda sem resposta.',
    askedEmpty: 'As colunas consultadas não têm valores nestas horas.',
    askFailed: (why) => `Não foi possível consultar: ${why}.`,
    noValue: 'Não se destaca em nenhum valor.',
    compared: (weeks) => `À mesma hora ${weeks === 1 ? 'uma semana' : `${weeks} semanas`} antes`,
    thenAndNow: (before, now) => `${before} então, ${now} neste incidente.`,
    noLastWeek: 'Não se conhece para todas estas horas.',
    after: 'O que aconteceu depois',
    afterText: (duration, percent) => `Depois, em ${duration}, entrou ${percent} do esperado.`,
    afterNone: 'Ainda nada se sabe de depois.',
    others: 'Outros incidentes em 90 dias',
    noOthers: 'Nenhum.',
    storm: 'Parte de uma tempestade',
    stormClients: 'Outros da mesma tempestade',
    stormFurther: (count) => `e mais ${count}`,
    know: 'A ter em conta',
    remarks: {
      'few-weeks': (weeks) =>
        `Esperado a partir de apenas ${weeks} ${weeks === '1' ? 'semana' : 'semanas'}: menos seguro do que o habitual.`,
      'missing-buckets': (buckets) =>
        `${buckets} dos seus intervalos ${buckets === '1' ? 'não se conhece e não conta' : 'não se conhecem e não contam'} aqui.`,
      'refunds-unknown': () => 'Os reembolsos não se distinguem: estão dentro do ticket.',
      'parts-differ': (dimension) =>
        `Por ${dimension} contou-se mais do que no total: as partes não batem e não se nomeiam.`,
      'new-values': (value) => `${value} nunca se viu nas semanas anteriores.`,
      'gone-values': (value) => `${value} tinha parado antes deste incidente.`,
      'members-differ': () => 'Os clientes deste grupo não somam o que o grupo.',
    },
    withdrawn: 'O gráfico é do que se sabe agora; título, dinheiro e onde são como se via antes.',
    corrected: (buckets, first) =>
      `${buckets === 1 ? '1 intervalo foi corrigido' : `${buckets} intervalos foram corrigidos`} depois.${first === null ? '' : ` Antes a diferença era ${first}.`}`,
    comparedAnew: (first) => `Aquilo com que se compara mudou desde então. Antes a diferença era ${first}.`,
    raised: (detector, percent) =>
      `As respostas subiram o limiar de «${detector}» em ${percent} a estas horas; metade desaparece em seis semanas.`,
    answer: 'A sua resposta',
    note: 'Nota',
    buttons: {
      ack: 'Já vi',
      normal: 'Era normal',
      incident: 'Era um incidente',
      unlabel: 'Retirar a resposta',
      mute: 'Silenciar até então',
      unmute: 'Terminar o silêncio agora',
      note: 'Guardar só a nota',
    },
    until: (zone) => `Silenciar até (${zone})`,
    notThen: (days, zone) => `Não se silenciou: escolha uma hora posterior a agora, dentro de ${days} dias (${zone}).`,
    muted: (until) => `Cliente silenciado até ${until}.`,
    acknowledged: (by, at) => `Visto por ${by}, ${at}.`,
    labels: { normal: 'Resposta: era normal.', incident: 'Resposta: era um incidente.' },
    signIn: 'Entrar',
    signInWhy: 'Com uma chave da API; vale 12 horas neste navegador.',
    key: 'Chave da API',
    wrongKey: 'Não existe tal chave, ou não pode ler.',
    readOnly: 'Esta chave só pode ler; responder requer a permissão admin.',
    expired: 'Esta ligação expirou ou não é deste incidente.',
    unknown: 'Este incidente não existe, ou já não se guarda.',
    ended: 'A sessão terminou: nada foi guardado.',
    stale: 'Esta página estava aberta desde uma sessão anterior: nada foi guardado. Envie de novo.',
    otherNote: 'Outra pessoa mudou a nota entretanto; está acima. Nada foi guardado: junte as duas e envie de novo.',
    languages: 'Idioma',
  },
};
