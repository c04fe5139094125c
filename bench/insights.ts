/** `npm run bench -- insights`: everything that is measured of insights, one after the other: judging, statistics and churn. */
import { benchChurn } from './churn.ts'
import { benchJudging } from './judging.ts'
import { type Report, reportOf } from './report.ts'
import { benchStatistics } from './statistics.ts'

/** @returns the three reports as one @param args those of `judging`; the others are run as they are */
export const benchInsights = async (args: string[]): Promise<Report> => {
  const reports = [await benchJudging(args), await benchStatistics([]), await benchChurn([])]
  return reportOf('insights', Object.fromEntries(reports.map(({ bench, options }) => [bench, options])), {
    figures: reports.flatMap(({ figures }) => figures),
    bars: reports.flatMap(({ bars }) => bars),
    detail: Object.fromEntries(reports.map(({ bench, detail }) => [bench, detail])),
  })
}
