import type { StageRenewal } from './renewals.ts'

/** What a pipeline says of a stage. */
export interface Stage {
  isOpen: boolean
  isWon: boolean | null
  probability: string | null
  /** What people call it. */
  label: string
  /** What it says of a renewal. */
  renewal?: StageRenewal
}

/** Stages by `pipeline/stage`. */
export type Stages = ReadonlyMap<string, Stage>

export const stageKey = (pipeline: string, stage: string): string => `${pipeline}/${stage}`

/**
 * Whether a deal is open and won. A stage that the pipelines do not know (made a moment ago) is open unless HubSpot's own
 * flags say otherwise.
 */
export const dealStanding = (
  stages: Stages,
  pipeline: string,
  stage: string,
  flags: { closed: boolean; won: boolean },
): { isOpen: boolean; isWon: boolean | null } => {
  const known = stages.get(stageKey(pipeline, stage))
  if (known) return { isOpen: known.isOpen, isWon: known.isOpen ? null : known.isWon }
  return { isOpen: !flags.closed, isWon: flags.closed ? flags.won : null }
}

/** Whether a ticket is open: unknown stages are. */
export const isTicketOpen = (stages: Stages, pipeline: string, stage: string): boolean =>
  stages.get(stageKey(pipeline, stage))?.isOpen ?? true
