import { event } from '#schema/events.ts'
import { ownerIdOf } from '../domain/links.ts'
import { plainText } from '../domain/plain-text.ts'
import { isTaskOpen } from '../domain/tasks.ts'
import { instantOf, textOf } from '../domain/values.ts'
import { aboutColumns, type Kind, type Says, said } from './records.ts'

const standing = (values: Says, createdAt: Date) => {
  const status = textOf(said(values, 'hs_task_status')) ?? 'NOT_STARTED'
  // HubSpot demands a due time; a task that has lost it is due since it was made.
  return { status, isOpen: isTaskOpen(status), dueAt: instantOf(said(values, 'hs_timestamp')) ?? createdAt }
}

/** A HubSpot task as our row and our event. */
export const tasks: Kind = {
  type: 'tasks',
  columns: (values, { externalId, place, createdAt }) => {
    const { status, isOpen, dueAt } = standing(values, createdAt)
    return {
      subject: plainText(textOf(said(values, 'hs_task_subject'))) ?? `Task ${externalId}`,
      body: plainText(textOf(said(values, 'hs_task_body'))),
      status,
      priority: textOf(said(values, 'hs_task_priority')),
      task_type: textOf(said(values, 'hs_task_type')),
      is_open: isOpen,
      due_at: dueAt,
      owner_id: ownerIdOf(place.orgId, place.integrationId, textOf(said(values, 'hubspot_owner_id'))),
      ...aboutColumns(values),
    }
  },
  tell: ({ id, values, customerId, companyId, createdAt, observedAt, deleted }) => {
    const { status, isOpen, dueAt } = standing(values, createdAt)
    return [
      event('customers.task.changed', id, {
        taskId: id,
        customerId,
        companyId,
        status,
        isOpen,
        priority: textOf(said(values, 'hs_task_priority')),
        dueAt: dueAt.toISOString(),
        createdAt: createdAt.toISOString(),
        observedAt: observedAt.toISOString(),
        deleted,
      }),
    ]
  },
}
