// The device's position on a page: being asked for, found, or why not, in words.
import { ref, type Ref } from 'vue'
import type { LonLat } from '../api/schema'
import { tib } from '../i18n/inbox'
import { tre } from '../i18n/reports'
import { locate } from './lookup/position'

/** A position no better than this is not taken without a warning. */
const POOR_M = 50
const WHY = { denied: 'geoDenied', absent: 'geoAbsent', failed: 'geoFailed' } as const

export interface Gps {
  locating: Ref<boolean>
  /** Why there is none, or that it is a poor one; empty when all is well. */
  trouble: Ref<string>
  /** Asks the device anew; `null` when it did not tell. */
  find: () => Promise<{ at: LonLat; accuracy_m: number } | null>
}

export function useGps(): Gps {
  const locating = ref(false)
  const trouble = ref('')
  async function find(): Promise<{ at: LonLat; accuracy_m: number } | null> {
    locating.value = true
    const found = await locate(0)
    locating.value = false
    if ('failed' in found) {
      trouble.value = tre(WHY[found.failed])
      return null
    }
    trouble.value = found.accuracy_m > POOR_M ? tib('siteAccuracyPoor', { n: Math.round(found.accuracy_m) }) : ''
    return found
  }
  return { locating, trouble, find }
}
