import { define, HubError } from '#kernel/errors.ts'

/** The reader's position lies before the oldest event kept (or in another log's future): it must start from a snapshot. */
export const CursorExpired = define('CURSOR_EXPIRED', {
  status: 410,
  retry: 'never',
  says: 'What followed this cursor is not known any more: it is too long ago, or the hub was put back to a backup. Load the present state, then follow anew; the oldest event that is kept is {oldest}.',
})

/** A CURSOR_EXPIRED that says from where on events are kept. */
export class ExpiredCursor extends HubError {
  readonly oldest: number
  constructor(oldest: number) {
    const { code, status, retry, message } = CursorExpired.with({ oldest })
    super(code, { status, retry, says: message }, message, {})
    this.oldest = oldest
  }
}
