import type { Language, ServiceIncidentKind, Severity } from '@tidemark/shared/vocabulary';

/** A sentence that says what is wrong, and one that says what to do. `{name}` stands for a fact of the incident. */
export interface KindWords {
  readonly sentence: string;
  readonly action: string;
}

export interface Kind extends Readonly<Record<Language, KindWords>> {
  /** Unless a finding says otherwise. */
  readonly severity: Severity;
}

/** Facts that are instants in epoch milliseconds; others are names or counts. */
export const TIME_FACTS: ReadonlySet<string> = new Set(['since', 'until', 'bucket']);

/** What can be wrong with the service: how bad it is, what is said of it, and what to do. */
export const KINDS: Readonly<Record<ServiceIncidentKind, Kind>> = {
  'database-failing': {
    severity: 'critical',
    en: {
      sentence: 'The database fails: nothing new is stored or judged.',
      action: 'Look for database-failing in the log; see that the database runs and no other program holds it.',
    },
    es: {
      sentence: 'La base de datos falla: no se guarda ni se evalúa nada nuevo.',
      action:
        'Busque database-failing en el registro; compruebe que la base de datos funciona y que ningún otro programa la retiene.',
    },
    pt: {
      sentence: 'O banco de dados falha: nada de novo é gravado nem avaliado.',
      action:
        'Procure database-failing no log; verifique se o banco de dados funciona e se nenhum outro programa o retém.',
    },
  },
  'database-full': {
    severity: 'critical',
    en: {
      sentence: 'The database has no room left: nothing new is stored or judged.',
      action: 'Free space on its disk or enlarge it; lower TIDEMARK_RETENTION_DAYS if it keeps growing.',
    },
    es: {
      sentence: 'La base de datos no tiene espacio: no se guarda ni se evalúa nada nuevo.',
      action: 'Libere espacio en su disco o amplíelo; reduzca TIDEMARK_RETENTION_DAYS si sigue creciendo.',
    },
    pt: {
      sentence: 'O banco de dados está sem espaço: nada de novo é gravado nem avaliado.',
      action: 'Libere espaço no disco ou aumente-o; reduza TIDEMARK_RETENTION_DAYS se continuar crescendo.',
    },
  },
  'disk-filling': {
    severity: 'warning',
    en: {
      sentence: 'The disk of the database has {free} MB left, {percent} % of it.',
      action: 'Free space or enlarge the disk before it is full; lower TIDEMARK_RETENTION_DAYS if it keeps growing.',
    },
    es: {
      sentence: 'Al disco de la base de datos le quedan {free} MB, el {percent} %.',
      action:
        'Libere espacio o amplíe el disco antes de que se llene; reduzca TIDEMARK_RETENTION_DAYS si sigue creciendo.',
    },
    pt: {
      sentence: 'O disco do banco de dados tem {free} MB livres, {percent} % dele.',
      action:
        'Libere espaço ou aumente o disco antes que encha; reduza TIDEMARK_RETENTION_DAYS se continuar crescendo.',
    },
  },
  'clock-jumped': {
    severity: 'warning',
    en: {
      sentence: 'The clock jumped by {minutes} minutes, or the service stood still for as long.',
      action: 'See that the clock is synchronised (NTP) and that the machine is not suspended.',
    },
    es: {
      sentence: 'El reloj saltó {minutes} minutos, o el servicio estuvo detenido ese tiempo.',
      action: 'Compruebe que el reloj está sincronizado (NTP) y que la máquina no se suspende.',
    },
    pt: {
      sentence: 'O relógio saltou {minutes} minutos, ou o serviço ficou parado esse tempo.',
      action: 'Verifique se o relógio está sincronizado (NTP) e se a máquina não é suspensa.',
    },
  },
  'service-was-down': {
    severity: 'warning',
    en: {
      sentence: 'The service did not run from {since} to {until}.',
      action: 'Find out what ended it; what came in since is caught up bucket by bucket.',
    },
    es: {
      sentence: 'El servicio no funcionó desde {since} hasta {until}.',
      action: 'Averigüe qué lo detuvo; lo recibido desde entonces se recupera intervalo por intervalo.',
    },
    pt: {
      sentence: 'O serviço não funcionou de {since} até {until}.',
      action: 'Descubra o que o encerrou; o que chegou desde então é recuperado intervalo por intervalo.',
    },
  },
  'feed-late': {
    severity: 'critical',
    en: {
      sentence: 'No figures have come since those up to {since}.',
      action: 'See whether the job that pushes them runs and what its requests are answered (401, 400, 409).',
    },
    es: {
      sentence: 'No han llegado cifras desde las de hasta {since}.',
      action: 'Compruebe si el proceso que las envía funciona y qué respuestas recibe (401, 400, 409).',
    },
    pt: {
      sentence: 'Não chegam números desde os de até {since}.',
      action: 'Verifique se o processo que os envia está rodando e que respostas recebe (401, 400, 409).',
    },
  },
  'feed-down': {
    severity: 'critical',
    en: {
      sentence: 'Of no client there are payments in the newest bucket, up to {since}: the feed was down.',
      action: 'See whether transactions still reach the table or the job that the figures come from.',
    },
    es: {
      sentence: 'No hay pagos de ningún cliente en el intervalo más reciente, hasta {since}: la fuente estuvo caída.',
      action: 'Compruebe si las transacciones siguen llegando a la tabla o al proceso de donde salen las cifras.',
    },
    pt: {
      sentence: 'Não há pagamentos de nenhum cliente no intervalo mais recente, até {since}: a fonte ficou fora do ar.',
      action: 'Verifique se as transações ainda chegam à tabela ou ao processo de onde vêm os números.',
    },
  },
  'feed-partial': {
    severity: 'critical',
    en: {
      sentence: '{count} of {all} series have no figures for the bucket up to {until}, which others have.',
      action: 'See whether the job that pushes figures ended early or was refused in part.',
    },
    es: {
      sentence: '{count} de {all} series no tienen cifras del intervalo hasta {until}, que otras sí tienen.',
      action: 'Compruebe si el proceso que envía las cifras terminó antes de tiempo o fue rechazado en parte.',
    },
    pt: {
      sentence: '{count} de {all} séries não têm números do intervalo até {until}, que outras têm.',
      action: 'Verifique se o processo que envia os números terminou cedo ou foi recusado em parte.',
    },
  },
  'series-silent': {
    severity: 'warning',
    en: {
      sentence: 'Series "{subject}" has sent nothing since {since}; others have.',
      action: 'See whether the client is still in the feed, under the same name.',
    },
    es: {
      sentence: 'La serie "{subject}" no ha enviado nada desde {since}; otras sí.',
      action: 'Compruebe si el cliente sigue en la fuente, con el mismo nombre.',
    },
    pt: {
      sentence: 'A série "{subject}" não envia nada desde {since}; outras enviam.',
      action: 'Verifique se o cliente ainda está na fonte, com o mesmo nome.',
    },
  },
  'counts-late': {
    severity: 'warning',
    en: {
      sentence: 'Of {count} of {all} series no counts have come since those up to {since}, while their money has.',
      action:
        'See why the feed, or the columns that are counted, give no counts any more: incidents may come up to a day late, and from then on the band alone raises them.',
    },
    es: {
      sentence: 'De {count} de {all} series no han llegado conteos desde los de hasta {since}; su dinero sí.',
      action:
        'Compruebe por qué la fuente, o las columnas que se cuentan, ya no dan conteos: los incidentes pueden llegar hasta un día tarde, y desde entonces solo los da la banda.',
    },
    pt: {
      sentence: 'De {count} de {all} séries não chegam contagens desde as de até {since}; o seu dinheiro chega.',
      action:
        'Verifique por que a fonte, ou as colunas que se contam, já não dão contagens: os incidentes podem chegar até um dia atrasados, e a partir daí só a banda os dá.',
    },
  },
  'bucket-ahead': {
    severity: 'warning',
    en: {
      sentence: 'Figures came for a bucket of the future, up to {until}.',
      action:
        'See that the clock and the time zone of the job that pushes figures are right, then push that bucket again.',
    },
    es: {
      sentence: 'Llegaron cifras de un intervalo futuro, hasta {until}.',
      action: 'Compruebe el reloj y la zona horaria del proceso que envía las cifras y envíe de nuevo ese intervalo.',
    },
    pt: {
      sentence: 'Chegaram números de um intervalo futuro, até {until}.',
      action: 'Verifique o relógio e o fuso horário do processo que envia os números e envie esse intervalo de novo.',
    },
  },
  'source-failing': {
    severity: 'critical',
    en: {
      sentence: 'The history source failed in the last cycle; nothing new was read.',
      action: 'Look for source-failed in the log; try the same tables with `pnpm trainer doctor`.',
    },
    es: {
      sentence: 'La fuente del historial falló en el último ciclo; no se leyó nada nuevo.',
      action: 'Busque source-failed en el registro; pruebe las mismas tablas con `pnpm trainer doctor`.',
    },
    pt: {
      sentence: 'A fonte do histórico falhou no último ciclo; nada de novo foi lido.',
      action: 'Procure source-failed no log; teste as mesmas tabelas com `pnpm trainer doctor`.',
    },
  },
  'names-refused': {
    severity: 'warning',
    en: {
      sentence: 'The history source has names that were not taken in; the rest was.',
      action: 'Look for source-failed in the log, which names them, and rename them at the source.',
    },
    es: {
      sentence: 'La fuente del historial tiene nombres que no se aceptaron; lo demás sí.',
      action: 'Busque source-failed en el registro, que los nombra, y renómbrelos en la fuente.',
    },
    pt: {
      sentence: 'A fonte do histórico tem nomes que não foram aceitos; o resto foi.',
      action: 'Procure source-failed no log, que os cita, e renomeie-os na fonte.',
    },
  },
  'names-alike': {
    severity: 'info',
    en: {
      sentence: '{count} stored names cannot be told apart or read by every client: {first}.',
      action: 'Push the series under clean names; they are of an earlier version, which took such names in.',
    },
    es: {
      sentence: '{count} nombres guardados no se distinguen o no todos los clientes los leen: {first}.',
      action: 'Envíe las series con nombres limpios; son de una versión anterior, que los aceptaba.',
    },
    pt: {
      sentence: '{count} nomes gravados não se distinguem ou nem todo cliente os lê: {first}.',
      action: 'Envie as séries com nomes limpos; são de uma versão anterior, que os aceitava.',
    },
  },
  'model-missing': {
    severity: 'critical',
    en: {
      sentence: 'Figures come in, but no model is published: nothing is judged.',
      action: 'Publish one: `pnpm trainer publish`.',
    },
    es: {
      sentence: 'Llegan cifras, pero no hay ningún modelo publicado: no se evalúa nada.',
      action: 'Publique uno: `pnpm trainer publish`.',
    },
    pt: {
      sentence: 'Chegam números, mas nenhum modelo está publicado: nada é avaliado.',
      action: 'Publique um: `pnpm trainer publish`.',
    },
  },
  'model-unreadable': {
    severity: 'critical',
    en: {
      sentence: 'The live model cannot be served: nothing is judged.',
      action: 'Publish another with `pnpm trainer publish`, or go back with POST /v1/model/rollback.',
    },
    es: {
      sentence: 'El modelo activo no se puede usar: no se evalúa nada.',
      action: 'Publique otro con `pnpm trainer publish` o vuelva atrás con POST /v1/model/rollback.',
    },
    pt: {
      sentence: 'O modelo ativo não pode ser usado: nada é avaliado.',
      action: 'Publique outro com `pnpm trainer publish` ou volte atrás com POST /v1/model/rollback.',
    },
  },
  'model-without-series': {
    severity: 'critical',
    en: {
      sentence: 'The live model serves none of the {count} stored series: nothing is judged.',
      action: 'Publish the model of these clients, or push their figures under the names it was trained with.',
    },
    es: {
      sentence: 'El modelo activo no cubre ninguna de las {count} series guardadas: no se evalúa nada.',
      action: 'Publique el modelo de estos clientes, o envíe sus cifras con los nombres con que se entrenó.',
    },
    pt: {
      sentence: 'O modelo ativo não atende nenhuma das {count} séries gravadas: nada é avaliado.',
      action: 'Publique o modelo destes clientes, ou envie os números com os nomes com que ele foi treinado.',
    },
  },
  'calendar-ended': {
    severity: 'info',
    en: {
      sentence: 'The live model knows no special days after {through}: bands are drawn as on ordinary days.',
      action: 'Train again with a calendar that goes on.',
    },
    es: {
      sentence:
        'El modelo activo no conoce días especiales después de {through}: las bandas son como en días normales.',
      action: 'Entrene de nuevo con un calendario que continúe.',
    },
    pt: {
      sentence: 'O modelo ativo não conhece dias especiais depois de {through}: as bandas são como em dias comuns.',
      action: 'Treine de novo com um calendário que continue.',
    },
  },
  'series-unserved': {
    severity: 'warning',
    en: {
      sentence: 'The live model does not serve {who}, whose figures still come in: no bands, no alarms.',
      action: 'Train again with these clients included, and publish.',
    },
    es: {
      sentence: 'El modelo activo no cubre {who}, cuyas cifras siguen llegando: sin bandas ni alarmas.',
      action: 'Entrene de nuevo incluyendo estos clientes y publique.',
    },
    pt: {
      sentence: 'O modelo ativo não atende {who}, cujos números ainda chegam: sem bandas nem alarmes.',
      action: 'Treine de novo com estes clientes incluídos e publique.',
    },
  },
  'series-isolated': {
    severity: 'warning',
    en: {
      sentence: 'The model fails on {who}; it is served by the week before, or not at all.',
      action: 'Look at series_faults in GET /v1/health for the reason; train again and publish.',
    },
    es: {
      sentence: 'El modelo falla en {who}; se sirve con la semana anterior, o no se sirve.',
      action: 'Mire series_faults en GET /v1/health para ver la causa; entrene de nuevo y publique.',
    },
    pt: {
      sentence: 'O modelo falha em {who}; é atendida pela semana anterior, ou não é atendida.',
      action: 'Veja series_faults em GET /v1/health para a causa; treine de novo e publique.',
    },
  },
  'coverage-off': {
    severity: 'warning',
    en: {
      sentence: 'Only {percent} % of the last {count} judged buckets lay inside bands that promise {nominal} %.',
      action: 'The bands do not fit any more: train again and publish, or go back with POST /v1/model/rollback.',
    },
    es: {
      sentence:
        'Solo el {percent} % de los últimos {count} intervalos evaluados quedó dentro de bandas que prometen el {nominal} %.',
      action: 'Las bandas ya no encajan: entrene de nuevo y publique, o vuelva atrás con POST /v1/model/rollback.',
    },
    pt: {
      sentence:
        'Só {percent} % dos últimos {count} intervalos avaliados ficaram dentro de bandas que prometem {nominal} %.',
      action: 'As bandas não servem mais: treine de novo e publique, ou volte atrás com POST /v1/model/rollback.',
    },
  },
  'cycle-failing': {
    severity: 'critical',
    en: {
      sentence: 'The last scoring cycle failed: new figures are not judged.',
      action: 'Look for cycle-failed in the log; POST /v1/refresh tries again.',
    },
    es: {
      sentence: 'El último ciclo de evaluación falló: las cifras nuevas no se evalúan.',
      action: 'Busque cycle-failed en el registro; POST /v1/refresh lo intenta de nuevo.',
    },
    pt: {
      sentence: 'O último ciclo de avaliação falhou: os números novos não são avaliados.',
      action: 'Procure cycle-failed no log; POST /v1/refresh tenta de novo.',
    },
  },
  'cycle-stuck': {
    severity: 'critical',
    en: {
      sentence: 'The scoring cycle that began at {since} has not ended.',
      action:
        'See what it waits for (the history source, a lock on the database); restart the service if nothing moves.',
    },
    es: {
      sentence: 'El ciclo de evaluación que empezó a las {since} no ha terminado.',
      action: 'Mire qué espera (la fuente, un bloqueo de la base de datos); reinicie el servicio si nada avanza.',
    },
    pt: {
      sentence: 'O ciclo de avaliação iniciado em {since} não terminou.',
      action: 'Veja o que ele espera (a fonte, uma trava do banco de dados); reinicie o serviço se nada andar.',
    },
  },
  'cycle-overdue': {
    severity: 'critical',
    en: {
      sentence: 'The scoring cycle that was due at {since} has not begun.',
      action: 'See that no other process holds the cycle and that the cron trigger exists; restart the service.',
    },
    es: {
      sentence: 'El ciclo de evaluación previsto para las {since} no ha empezado.',
      action: 'Compruebe que ningún otro proceso retiene el ciclo y que existe el disparador; reinicie el servicio.',
    },
    pt: {
      sentence: 'O ciclo de avaliação previsto para {since} não começou.',
      action: 'Verifique se nenhum outro processo retém o ciclo e se o gatilho existe; reinicie o serviço.',
    },
  },
  'cycle-slow': {
    severity: 'warning',
    en: {
      sentence: 'The last scoring cycle took {minutes} minutes, more than half of what lies between two.',
      action: 'Give the service more processor time, or more scorers.',
    },
    es: {
      sentence: 'El último ciclo de evaluación tardó {minutes} minutos, más de la mitad del tiempo entre dos.',
      action: 'Dé más procesador al servicio, o más evaluadores.',
    },
    pt: {
      sentence: 'O último ciclo de avaliação levou {minutes} minutos, mais da metade do tempo entre dois.',
      action: 'Dê mais processador ao serviço, ou mais avaliadores.',
    },
  },
  'queue-stuck': {
    severity: 'critical',
    en: {
      sentence: 'The chunks that were queued at {since} are not scored.',
      action: 'See that the queue has its consumer and look for work-failed in the log.',
    },
    es: {
      sentence: 'Los bloques encolados a las {since} no se han evaluado.',
      action: 'Compruebe que la cola tiene su consumidor y busque work-failed en el registro.',
    },
    pt: {
      sentence: 'Os blocos enfileirados em {since} não foram avaliados.',
      action: 'Verifique se a fila tem seu consumidor e procure work-failed no log.',
    },
  },
  'messages-stuck': {
    severity: 'critical',
    en: {
      sentence: '{count} messages to webhook "{subject}" have been due since {since} and nobody sends them.',
      action: 'Restart the service; on Workers, see that the queue has its consumer.',
    },
    es: {
      sentence: '{count} mensajes para el webhook "{subject}" esperan desde {since} y nadie los envía.',
      action: 'Reinicie el servicio; en Workers, compruebe que la cola tiene su consumidor.',
    },
    pt: {
      sentence: '{count} mensagens para o webhook "{subject}" esperam desde {since} e ninguém as envia.',
      action: 'Reinicie o serviço; no Workers, verifique se a fila tem seu consumidor.',
    },
  },
  'webhook-failing': {
    severity: 'warning',
    en: {
      sentence: 'Messages to webhook "{subject}" do not arrive: {count} wait or were given up.',
      action: 'See that its receiver answers 2xx within 10 s and that its address is still right.',
    },
    es: {
      sentence: 'Los mensajes al webhook "{subject}" no llegan: {count} esperan o se abandonaron.',
      action: 'Compruebe que el receptor responde 2xx en 10 s y que su dirección sigue siendo correcta.',
    },
    pt: {
      sentence: 'As mensagens para o webhook "{subject}" não chegam: {count} esperam ou foram abandonadas.',
      action: 'Verifique se o receptor responde 2xx em 10 s e se o endereço ainda está certo.',
    },
  },
  'heartbeat-failing': {
    severity: 'warning',
    en: {
      sentence: 'The service that TIDEMARK_HEARTBEAT names is not reached: {count} pings in a row failed.',
      action: 'See that the address is right and can be reached; the service that watches it will alarm.',
    },
    es: {
      sentence: 'No se alcanza el servicio de TIDEMARK_HEARTBEAT: fallaron {count} avisos seguidos.',
      action: 'Compruebe que la dirección es correcta y accesible; el servicio que la vigila dará la alarma.',
    },
    pt: {
      sentence: 'O serviço de TIDEMARK_HEARTBEAT não é alcançado: {count} avisos seguidos falharam.',
      action: 'Verifique se o endereço está certo e acessível; o serviço que o observa vai alarmar.',
    },
  },
  'retention-failing': {
    severity: 'warning',
    en: {
      sentence: 'Old rows could not be deleted; the database grows.',
      action: 'Look for retention-failed in the log.',
    },
    es: {
      sentence: 'No se pudieron borrar filas antiguas; la base de datos crece.',
      action: 'Busque retention-failed en el registro.',
    },
    pt: {
      sentence: 'Linhas antigas não puderam ser apagadas; o banco de dados cresce.',
      action: 'Procure retention-failed no log.',
    },
  },
};
