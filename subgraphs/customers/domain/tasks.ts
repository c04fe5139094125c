/** What a task's status says. HubSpot's words; a word of its future is an open task. */
const DONE = new Set(['COMPLETED', 'DEFERRED'])

/** Whether somebody still has to do a task. */
export const isTaskOpen = (status: string): boolean => !DONE.has(status)
