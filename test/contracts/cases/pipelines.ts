import { expect } from 'vitest'
import type { Cases, Walk } from '../walk.ts'

const stage = (label: string, displayOrder: number, probability: string) => ({
  label,
  displayOrder,
  metadata: { probability },
})
const written = (walk: Walk) => ({
  label: walk.fresh(),
  displayOrder: 5,
  stages: [stage('Due', 0, '0.5'), stage('Renewed', 1, '1.0')],
})
const made = (walk: Walk) => walk.client.crm.pipelines.pipelinesApi.create('deals', written(walk))

const PIPELINES: Cases = {
  async 'crm.pipelines.pipelinesApi.create'(walk) {
    const pipeline = await made(walk)
    expect(pipeline.stages.map((s) => s.metadata)).toEqual([
      { probability: '0.5', isClosed: 'false' },
      { probability: '1.0', isClosed: 'true' },
    ])
    return pipeline
  },
  async 'crm.pipelines.pipelinesApi.getAll'({ client }) {
    return await client.crm.pipelines.pipelinesApi.getAll('tickets')
  },
  async 'crm.pipelines.pipelinesApi.getById'({ client }) {
    return await client.crm.pipelines.pipelinesApi.getById('deals', 'default')
  },
  async 'crm.pipelines.pipelinesApi.update'(walk) {
    const { id } = await made(walk)
    const label = walk.fresh()
    const changed = await walk.client.crm.pipelines.pipelinesApi.update('deals', id, { label })
    expect(changed).toMatchObject({ id, label })
    return changed
  },
  async 'crm.pipelines.pipelinesApi.replace'(walk) {
    const { id } = await made(walk)
    const wish = { ...written(walk), stages: [stage('Only', 0, '0.1')] }
    const changed = await walk.client.crm.pipelines.pipelinesApi.replace('deals', id, wish)
    expect(changed.stages).toHaveLength(1)
    return changed
  },
  async 'crm.pipelines.pipelinesApi.archive'(walk) {
    await walk.client.crm.pipelines.pipelinesApi.archive('deals', (await made(walk)).id)
  },
  async 'crm.pipelines.pipelineAuditsApi.getAudit'(walk) {
    const { id } = await made(walk)
    const audit = await walk.client.crm.pipelines.pipelineAuditsApi.getAudit('deals', id)
    expect(audit.results.map((a) => a.action)).toEqual(['CREATE'])
    return audit
  },
}

const STAGES: Cases = {
  async 'crm.pipelines.pipelineStagesApi.create'(walk) {
    const { id } = await made(walk)
    const wish = stage('Later', 2, '0.0')
    return await walk.client.crm.pipelines.pipelineStagesApi.create('deals', id, wish)
  },
  async 'crm.pipelines.pipelineStagesApi.getAll'({ client }) {
    return await client.crm.pipelines.pipelineStagesApi.getAll('deals', 'default')
  },
  async 'crm.pipelines.pipelineStagesApi.getById'({ client }) {
    return await client.crm.pipelines.pipelineStagesApi.getById('deals', 'default', 'closedwon')
  },
  async 'crm.pipelines.pipelineStagesApi.update'(walk) {
    const { id, stages } = await made(walk)
    const api = walk.client.crm.pipelines.pipelineStagesApi
    const changed = await api.update('deals', id, stages[0]!.id, {
      label: 'Soon',
      metadata: { probability: '0.7' },
    })
    expect(changed).toMatchObject({ id: stages[0]!.id, label: 'Soon', metadata: { probability: '0.7' } })
    return changed
  },
  async 'crm.pipelines.pipelineStagesApi.replace'(walk) {
    const { id, stages } = await made(walk)
    const api = walk.client.crm.pipelines.pipelineStagesApi
    return await api.replace('deals', id, stages[0]!.id, stage('Else', 7, '0.3'))
  },
  async 'crm.pipelines.pipelineStagesApi.archive'(walk) {
    const { id, stages } = await made(walk)
    const api = walk.client.crm.pipelines.pipelineStagesApi
    const used = { properties: { dealname: walk.fresh(), pipeline: id, dealstage: stages[1]!.id } }
    await walk.client.crm.deals.basicApi.create({ ...used, associations: [] })
    await expect(api.archive('deals', id, stages[1]!.id)).rejects.toMatchObject({ code: 400 })
    await api.archive('deals', id, stages[0]!.id)
  },
  async 'crm.pipelines.pipelineStageAuditsApi.getAudit'(walk) {
    const { stages } = await made(walk)
    return await walk.client.crm.pipelines.pipelineStageAuditsApi.getAudit('deals', stages[0]!.id)
  },
}

export const PIPELINE_CASES: Cases = { ...PIPELINES, ...STAGES }
