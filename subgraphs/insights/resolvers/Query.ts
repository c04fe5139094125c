import { churnQueries } from './churn.ts'
import { enrichmentQueries } from './enrichment.ts'
import { insightQueries } from './insights.ts'
import { portfolioFigures, portfolioQueries } from './portfolio.ts'
import { recomputeQueries } from './recompute.ts'
import { runQueries } from './runs.ts'
import { scoreDiffQueries } from './score-diff.ts'
import { settingsQueries } from './settings.ts'
import { signalQueries } from './signals.ts'
import { simulationQueries } from './simulation.ts'

export const Query = {
  ...settingsQueries,
  ...recomputeQueries,
  ...scoreDiffQueries,
  ...insightQueries,
  ...portfolioQueries,
  ...portfolioFigures,
  ...simulationQueries,
  ...signalQueries,
  ...churnQueries,
  ...enrichmentQueries,
  ...runQueries,
}
