/** A stage as far as placing a record goes. */
export interface StageOf {
  pipeline_id: string
  stage_id: string
}

/** Names of stages in a refusal. */
const NAMED = 10

interface Place {
  pipeline: string | null
  stage: string | null
}

/**
 * Where in the pipelines a record is to be: the stage that is asked for, in the pipeline that is asked for, or that has it. Pure.
 * @param stages of this kind of record
 * @param now where it is; undefined for one that is to be made
 */
export const placeInPipeline = (
  stages: readonly StageOf[],
  asked: { pipeline?: unknown; stage?: unknown },
  now: Place | undefined,
): Place | { field: string; message: string } => {
  if (now && asked.pipeline === undefined && asked.stage === undefined) return now
  if (asked.pipeline === null || asked.stage === null)
    return {
      field: asked.stage === null ? 'stage' : 'pipeline',
      message: 'It always is in a stage of a pipeline.',
    }
  const stage = asked.stage === undefined ? (now?.stage ?? null) : String(asked.stage)
  if (stage === null) return { field: 'stage', message: `Say in which stage it is: ${namesOf(stages)}.` }
  const pipeline = asked.pipeline === undefined ? undefined : String(asked.pipeline)
  if (pipeline !== undefined) {
    const own = stages.filter((each) => each.pipeline_id === pipeline)
    if (own.length === 0)
      return { field: 'pipeline', message: `There is no such pipeline. There are: ${pipelinesOf(stages)}.` }
    return own.some((each) => each.stage_id === stage)
      ? { pipeline, stage }
      : { field: 'stage', message: `This pipeline has no such stage. It has: ${namesOf(own)}.` }
  }
  const found = stages.filter((each) => each.stage_id === stage)
  const held = found.find((each) => each.pipeline_id === now?.pipeline)
  const [one] = held ? [held] : found
  if (!one) return { field: 'stage', message: `There is no such stage. There are: ${namesOf(stages)}.` }
  return held || found.length === 1
    ? { pipeline: one.pipeline_id, stage }
    : { field: 'pipeline', message: `Several pipelines have this stage: say which. ${pipelinesOf(found)}.` }
}

const listOf = (names: readonly string[]): string =>
  names.length === 0
    ? 'none that the hub knows; sync the portal first'
    : [...new Set(names)].slice(0, NAMED).join(', ')
const namesOf = (stages: readonly StageOf[]): string => listOf(stages.map(({ stage_id }) => stage_id))
const pipelinesOf = (stages: readonly StageOf[]): string =>
  listOf(stages.map(({ pipeline_id }) => pipeline_id))
