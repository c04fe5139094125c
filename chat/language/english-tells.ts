/** How English tells a value in so many words. */
import type { Tells } from '../telling.ts'

export const TELLS: Tells = {
  tellers: [
    {
      field: 'beginsWith',
      words: 'starting with, start with, beginning with, begin with, that begin with, that start with',
      takes: 'word',
      isOfDeeds: false,
    },
    {
      field: 'text',
      words:
        'called something like, named something like, something like, whose name contains, whose names contain',
      takes: 'rest',
      isOfDeeds: false,
    },
    {
      field: 'subject',
      words: 'with the subject, with subject, titled, subject',
      takes: 'rest',
      isOfDeeds: true,
    },
    {
      field: 'reason',
      words: 'because, reason, for the reason, the reason is',
      takes: 'rest',
      isOfDeeds: true,
    },
    { field: 'name', words: 'called, named, with the name', takes: 'name', isOfDeeds: true },
    { field: 'amount', words: 'worth, with an amount of, over an amount of', takes: 'word', isOfDeeds: true },
  ],
  fields: {
    amount: 'amount, value, worth',
    name: 'name',
    stage: 'stage, deal stage',
    priority: 'priority',
    status: 'status',
    subject: 'subject, title',
    city: 'city',
    jobTitle: 'job title',
    lifecycleStage: 'lifecycle stage',
    industry: 'industry',
    domain: 'domain',
    concurrentCalls: 'concurrent calls, simultaneous calls, calls at once, concurrent call limit',
    monthlyMinutes: 'monthly minutes, minutes a month',
    creditLimit: 'credit limit',
    paymentTerms: 'payment terms',
    reorderPoint: 'reorder point',
  },
  changing: { name: 'rename' },
  changes: 'set, change, update, edit, move, put, raise, lower, increase, decrease, adjust, make',
  becomes: ['to', 'as', 'into'],
  endings: new Set(['please', 'pls', 'thanks', 'now', 'asap']),
  behindColon: { note: 'body', ticket: 'subject', task: 'subject', identity: 'reason' },
  known: {
    priority: {
      HIGH: 'high priority, priority high, top priority, high-priority',
      MEDIUM: 'medium priority, priority medium',
      LOW: 'low priority, priority low',
    },
  },
  ids: new Set(['id', 'ids']),
  systems: { HUBSPOT: 'hubspot', C3: 'c3', WARP: 'warp' },
}
