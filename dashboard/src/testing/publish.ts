export { dryRun } from '../publish/dry-run.ts';
export { overHttp } from '../publish/http.ts';
export { publish } from '../publish/publish.ts';
export { refreshSchedule } from '../publish/schedule.ts';
export { createService } from '../publish/service.ts';
export { type Flags, settingsOf } from '../publish/settings.ts';
export { signIn } from '../publish/sign-in.ts';
