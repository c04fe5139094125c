import type { TaskResolvers } from '#schema/generated/customers.types.ts'
import { isPast } from '#service/noticing.ts'
import { portalId } from '../store/portal-ids.ts'
import { about, customer, owner } from './belonging.ts'
import { pendingWrites } from './pending-writes.ts'

export const Task: TaskResolvers = {
  __resolveReference: ({ id }, ctx) => ctx.records.tasks.byId.load(id),
  type: (task) => task.task_type,
  isOpen: (task) => task.is_open,
  isOverdue: (task, _, ctx) => task.is_open && isPast(ctx.clock, task.due_at),
  dueAt: (task) => task.due_at,
  hubspotTaskId: (task) => portalId(task.external_id),
  pendingWrites,
  createdAt: (task) => task.source_created_at,
  updatedAt: (task) => task.valid_from,
  customer,
  contact: about('contacts'),
  deal: about('deals'),
  ticket: about('tickets'),
  owner,
}
