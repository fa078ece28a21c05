// Holds the page's own wire types to the server's OpenAPI document, when types are checked.
//
// `openapi.gen.ts` is generated from `openapi.json` (`npm run types`), which a test of the server holds to the routes as
// they are. The page's types say more than the document (closed words, GeoJSON shapes), so they are not the generated
// ones; but every field that the page reads must be there under that name. A name that drifts is a type error here.
import type { components } from './openapi.gen'
import type * as accounts from './accounts'
import type * as book from './book'
import type * as feeds from './feeds'
import type * as imports from './imports'
import type * as roads from './roads'
import type * as page from './schema'

type Server = components['schemas']

/** True when the server's type has every field that the page's type names; otherwise the names it lacks. */
type Has<Sent, Read> = Exclude<keyof Read, keyof Sent> extends never ? true : Exclude<keyof Read, keyof Sent>

type Pairs = {
  meta: Has<Server['Meta'], page.Meta>
  standard: Has<Server['StandardDoc'], page.Standard>
  nearest: Has<Server['NearestAnswer'], page.NearestAnswer>
  offered: Has<Server['Offered'], page.NearestResult>
  refused: Has<Server['Refused'], page.NearestRejection>
  roadFacts: Has<Server['RoadDoc'], page.RoadFacts>
  onRoad: Has<Server['OnRoad'], page.OnRoad>
  route: Has<Server['RouteAnswer'], roads.RouteAnswer>
  noWay: Has<Server['UnreachableDoc'], roads.NoWay>
  step: Has<Server['StepDoc'], roads.Step>
  closures: Has<Server['ClosuresAnswer'], roads.ClosuresAnswer>
  closure: Has<Server['ClosureDoc'], roads.ClosureFacts>
  closureBody: Has<Server['ClosureProperties'], roads.NewClosure>
  closed: Has<Server['ClosureAnswer'], roads.ClosureAnswer>
  closureEffect: Has<Server['EffectDoc'], roads.Effect>
  closureHit: Has<Server['HitDoc'], roads.Hit>
  closureCut: Has<Server['CutOff'], roads.CutOff>
  doubt: Has<Server['Doubt'], page.Doubt>
  around: Has<Server['AroundAnswer'], page.AroundAnswer>
  aroundItem: Has<Server['AroundItem'], page.AroundItem>
  aroundCount: Has<Server['CountDoc'], page.KindCount>
  coverageBody: Has<Server['CoverageBody'], page.CoverageRequest>
  coverage: Has<Server['CoverageAnswer'], page.CoverageAnswer>
  coverageGap: Has<Server['LargestGapDoc'], page.Gap>
  places: Has<Server['PlacesAnswer'], page.PlacesAnswer>
  place: Has<Server['PlaceDoc'], page.PlaceResult>
  problem: Has<Server['Problem'], page.Problem>
  session: Has<Server['WhoAnswer'], accounts.SessionAnswer>
  signed: Has<Server['AccountDoc'], accounts.Signed>
  oneTime: Has<Server['InviteDoc'], accounts.OneTime>
  link: Has<Server['LinkAnswer'], accounts.LinkAnswer>
  newAccount: Has<Server['AccountBody'], accounts.NewAccount>
  accountPatch: Has<Server['AmendmentBody'], accounts.AccountPatch>
  token: Has<Server['TokenDoc'], accounts.Token>
  trail: Has<Server['LineDoc'], accounts.TrailLine>
  entry: Has<Server['EntryDoc'], book.Entry>
  subject: Has<Server['SubjectDoc'], book.Subject>
  change: Has<Server['ChangeDoc'], book.FieldChange>
  batch: Has<Server['BatchDoc'], book.Batch>
  undone: Has<Server['UndoAnswer'], book.Undone>
  newReport: Has<Server['ReportBody'], book.NewReport>
  receipt: Has<Server['StatusDoc'], book.Receipt>
  report: Has<Server['InboxDoc'], book.Report>
  inbox: Has<Server['InboxAnswer'], book.Inbox>
  verdict: Has<Server['AnswerBody'], book.Verdict>
  answered: Has<Server['AnsweredDoc'], book.Answered>
  freshness: Has<Server['FreshnessAnswer'], book.Freshness>
  call: Has<Server['CallDoc'], book.Call>
  freshnessSettings: Has<Server['SettingsDoc'], book.FreshnessSettings>
  upload: Has<Server['UploadDoc'], imports.Upload>
  uploadLayer: Has<Server['LayerDoc'], imports.UploadLayer>
  column: Has<Server['ColumnDoc'], imports.Column>
  previewBody: Has<Server['PreviewBody'], imports.PreviewRequest>
  importJob: Has<Server['ImportDoc'], imports.ImportJob>
  committed: Has<Server['CommittedDoc'], imports.Committed>
  gridFit: Has<Server['FitAnswer'], imports.GridFit>
  gridRequest: Has<Server['FitRequest'], imports.GridRequest>
  grid: Has<Server['GridDoc'], imports.Grid>
  feed: Has<Server['FeedDoc'], Omit<feeds.Feed, 'credentials'>>
  feedBody: Has<Server['FeedBody'], feeds.FeedSettings>
}

/** Compiles only when every pair is `true`. */
type Agreed = Pairs[keyof Pairs] extends true ? true : { [K in keyof Pairs as Pairs[K] extends true ? never : K]: Pairs[K] }

/** Fails to compile unless every pair is `true`; the error names the pair and the fields that the server lacks. */
export const AGREED: Agreed = true
