import { z } from 'zod';
import { SERVICE_INCIDENT_KINDS, SEVERITIES } from '../vocabulary.ts';

/** An incident of the service itself, in `GET /v1/health` and in messages to webhooks. */
export const serviceIncidentRow = z.strictObject({
  /** `null` in health where the check that stores it has not run yet. */
  id: z.string().nullable(),
  kind: z.enum(SERVICE_INCIDENT_KINDS),
  /** The series or the webhook it is about; `null`: the service as a whole. */
  subject: z.string().nullable(),
  severity: z.enum(SEVERITIES),
  opened_at: z.iso.datetime().nullable(),
  closed_at: z.iso.datetime().nullable(),
  /** What is wrong. */
  sentence: z.string(),
  /** What to do. */
  action: z.string(),
});

export type ServiceIncidentRow = z.infer<typeof serviceIncidentRow>;
