// The coverage tool's state: the standards form and the newest answer.
import { reactive } from 'vue'
import { useAnswer, type Asking } from '../../../api/answer'
import { fetchCoverage } from '../../../api/queries'
import type { CoverageAnswer, CoverageRequest, Level, Standard } from '../../../api/schema'

export interface CoverageForm {
  standards: { level: Level; on: boolean; distance_m: number }[]
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
}

const LEVELS: readonly Level[] = ['city', 'district', 'town', 'village']

/** Returns the request of a form; levels that are off and conditions at their default are left out. */
export function coverageRequest(form: CoverageForm): CoverageRequest {
  return {
    kinds: ['shelter'], by: 'air',
    standards: form.standards.filter(({ on, distance_m }) => on && distance_m > 0).map(({ level, distance_m }) => ({ level, distance_m })),
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
  const form = reactive<CoverageForm>({ standards: [], division: '', hazard: '', openOnly: false, minFree: 0, unknown: 'skip' })
  const answer = useAnswer<CoverageAnswer>()

  /** Fills the form once; a form that the user may have edited is left alone. */
  function setDefaults(standards: readonly Standard[]): void {
    if (form.standards.length > 0) return
    form.standards = LEVELS.map((level) => {
      const found = standards.find((s) => s.level === level)
      return { level, on: found !== undefined, distance_m: found?.distance_m ?? 0 }
    })
  }

  const run = () => void answer.ask((signal) => fetchCoverage(coverageRequest(form), signal))
  return { form, answer, setDefaults, run }
}
