export type { CalendarTrial } from '../calendar/judge-calendar.ts';
export { listSpecialDays, spanOf } from '../calendar/list-special-days.ts';
