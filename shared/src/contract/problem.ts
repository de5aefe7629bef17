import { z } from 'zod';

/** Error body of every failed request: RFC 9457 `application/problem+json`. */
export const problem = z.strictObject({
  type: z.string(),
  title: z.string(),
  status: z.int(),
  detail: z.string(),
  request_id: z.string().optional(),
});

export type Problem = z.infer<typeof problem>;
