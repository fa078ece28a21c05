// Holds the page's own wire types to the server's OpenAPI document, when types are checked.
//
// `openapi.gen.ts` is generated from `openapi.json` (`npm run types`), which a test of the server holds to the routes as
// they are. The page's types say more than the document (closed words, GeoJSON shapes), so they are not the generated
// ones; but every field that the page reads must be there under that name. A name that drifts is a type error here.
import type { components } from './openapi.gen'
import type * as page from './schema'

type Server = components['schemas']

/** True when the server's type has every field that the page's type names; otherwise the names it lacks. */
type Has<Sent, Read> = Exclude<keyof Read, keyof Sent> extends never ? true : Exclude<keyof Read, keyof Sent>

type Pairs = {
  meta: Has<Server['Meta'], page.Meta>
  standard: Has<Server['Standard'], page.Standard>
  nearest: Has<Server['NearestAnswer'], page.NearestAnswer>
  offered: Has<Server['Offered'], Omit<page.NearestResult, 'confidence'>>
  refused: Has<Server['Refused'], page.NearestRejection>
  doubt: Has<Server['Doubt'], page.Doubt>
  around: Has<Server['AroundAnswer'], page.AroundAnswer>
  aroundItem: Has<Server['AroundItem'], page.AroundItem>
  aroundCount: Has<Server['CountDoc'], page.KindCount>
  coverageBody: Has<Server['CoverageBody'], page.CoverageRequest>
  coverage: Has<Server['CoverageAnswer'], page.CoverageAnswer>
  coverageGap: Has<Server['LargestGapDoc'], page.Gap>
  search: Has<Server['SearchAnswer'], page.SearchAnswer>
  found: Has<Server['FoundDoc'], page.SearchResult>
  problem: Has<Server['Problem'], Omit<page.Problem, 'missing'>>
}

/** Fails to compile unless every pair is `true`. */
export const AGREED: Record<keyof Pairs, true> & Pairs = {
  meta: true, standard: true, nearest: true, offered: true, refused: true, doubt: true, around: true, aroundItem: true,
  aroundCount: true, coverageBody: true, coverage: true, coverageGap: true, search: true, found: true, problem: true,
}
