import type { JsonObject } from '#shared/json.ts'

/** The sentence that fits what is known of a reason, as a key below `reason`; null when the plain one of the code does. */
export function reasonVariant(code: string, details: JsonObject): string | null {
  switch (code) {
    case 'EXCLUDED_APP':
      return typeof details['program'] === 'string' ? 'EXCLUDED_APP_NAMED' : null
    case 'USER_ACTIVE':
      return details['known'] === 0 ? 'USER_ACTIVE_UNKNOWN' : typeof details['minutes'] === 'number' ? 'USER_ACTIVE_MINUTES' : null
    case 'TOO_HOT':
      return typeof details['resumeC'] === 'number' ? 'TOO_HOT_UNTIL' : null
    case 'FILES_NETWORK_HOURS':
      return typeof details['untilMs'] === 'number' ? 'FILES_NETWORK_HOURS_UNTIL' : null
    case 'SCHEDULE':
      return typeof details['untilMs'] === 'number' ? 'SCHEDULE_UNTIL' : 'SCHEDULE_NEVER'
    case 'REPEATED_FAILURES':
      return typeof details['untilMs'] === 'number' ? 'REPEATED_FAILURES_UNTIL' : null
    default:
      return null
  }
}
