// The coverage tool's state: the standards form and the newest answer.
import { reactive } from 'vue'
import { shown, useAnswer, type Asking } from '../../../api/answer'
import { fetchCoverage } from '../../../api/queries'
import type { By } from '../../../api/roads'
import type { CoverageAnswer, CoverageRequest, Level, Reach, Standard } from '../../../api/schema'

/** A level's limits as they stand in the form; only one of them is asked about. */
export interface LevelLimit {
  level: Level
  on: boolean
  distance_m: number
  minutes: number
}

export interface CoverageForm {
  by: By
  /** What is measured by road; a straight line has metres only. */
  measure: 'minutes' | 'metres'
  standards: LevelLimit[]
  division: string
  hazard: string
  openOnly: boolean
  minFree: number
  unknown: 'count' | 'skip'
}

export interface CoverageTool {
  form: CoverageForm
  answer: Asking<CoverageAnswer>
  setDefaults: (standards: readonly Standard[]) => void
  run: () => void
  /** Other roads are open than before: an answer by road is asked for anew. */
  roadsChanged: () => void
}

const LEVELS: readonly Level[] = ['city', 'district', 'town', 'village']
export const MINUTES_MAX = 1440
/** Metres that somebody walks in a minute: what minutes are proposed for a distance. */
export const WALKED_M = 70

/** True when the form asks for minutes. */
export const isTimed = ({ by, measure }: Pick<CoverageForm, 'by' | 'measure'>): boolean => by !== 'air' && measure === 'minutes'

function limits(form: CoverageForm): Reach[] {
  const on = form.standards.filter((standard) => standard.on)
  if (!isTimed(form)) return on.filter((s) => s.distance_m > 0).map(({ level, distance_m }) => ({ level, distance_m }))
  return on.filter((s) => s.minutes > 0).map(({ level, minutes }) => ({ level, seconds: minutes * 60 }))
}

/** Returns the request of a form; levels that are off and conditions at their default are left out. */
export function coverageRequest(form: CoverageForm): CoverageRequest {
  return {
    kinds: ['shelter'], by: form.by, standards: limits(form),
    ...(form.division ? { division: form.division } : {}),
    ...(form.hazard ? { hazard: form.hazard } : {}),
    ...(form.openOnly ? { open: true as const } : {}),
    ...(form.minFree > 0 ? { capacity_rule: { min_free_places: form.minFree, unknown: form.unknown } } : {}),
  }
}

/** What a list without gaps means: nobody is uncovered, or nobody knows who is. */
export function withoutGaps({ population }: CoverageAnswer): 'noGap' | 'gapUnknown' {
  return population.uncovered === 0 ? 'noGap' : 'gapUnknown'
}

export function useCoverageTool(): CoverageTool {
  const form = reactive<CoverageForm>({ by: 'air', measure: 'minutes', standards: [], division: '', hazard: '', openOnly: false, minFree: 0, unknown: 'skip' })
  const answer = useAnswer<CoverageAnswer>()

  /** Fills the form once; a form that the user may have edited is left alone. */
  function setDefaults(standards: readonly Standard[]): void {
    if (form.standards.length > 0) return
    form.standards = LEVELS.map((level) => {
      const found = standards.find((s) => s.level === level)
      const distance_m = found?.distance_m ?? 0
      return { level, on: found !== undefined, distance_m, minutes: Math.ceil(distance_m / WALKED_M) }
    })
  }

  const run = () => void answer.ask((signal) => fetchCoverage(coverageRequest(form), signal))
  function roadsChanged(): void {
    const by = shown(answer.state.value)?.parameters.by
    if (by !== undefined && by !== 'air') run()
  }
  return { form, answer, setDefaults, run, roadsChanged }
}
