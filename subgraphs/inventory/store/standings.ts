export { countStandings, type Standing, type Standings, standingsOf } from '#sync/standing.ts'
