import { allOrNone, flag, type Reader, secret, text, url } from '#kernel/config.ts'

/** What a call costs at most, in US dollars. */
const price =
  (variable: string, read: Reader<string>): Reader<string> =>
  (env, faults) => {
    const amount = read(env, faults)
    if (!/^\d{1,4}(\.\d{1,6})?$/.test(amount))
      faults.push({
        variable,
        problem: 'is no amount of US dollars',
        fix: 'Write what one call costs at most, such as 0.002',
      })
    return amount
  }

const service = allOrNone({ url: url('RESEARCH_URL'), key: secret('RESEARCH_KEY') })
const languageModel = allOrNone({ url: url('MODEL_URL'), key: secret('MODEL_KEY'), name: text('MODEL_NAME') })

/** Those who can be asked about customers, and what that costs; undefined: nobody is asked. */
export const enrichment = (env: Parameters<Reader<string>>[0], faults: Parameters<Reader<string>>[1]) => {
  const [research, model] = [service(env, faults), languageModel(env, faults)]
  const [perQuestion, perAnswer] = [
    price('RESEARCH_COST_PER_CALL', text('RESEARCH_COST_PER_CALL', '0'))(env, faults),
    price('MODEL_COST_PER_CALL', text('MODEL_COST_PER_CALL', '0'))(env, faults),
  ]
  const [isResearchInside, isModelInside] = [
    flag('RESEARCH_INSIDE')(env, faults),
    flag('MODEL_INSIDE')(env, faults),
  ]
  return {
    research: research && { ...research, costPerCall: perQuestion, isInside: isResearchInside },
    model: model && { ...model, costPerCall: perAnswer, isInside: isModelInside },
  }
}
