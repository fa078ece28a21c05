// What is told of a place that was found.
import { AskError } from '../api/problem'
import type { PlaceResult } from '../api/schema'
import { explain } from './explain'
import { lang } from './lang'
import { ts } from './shell'

const zh = () => lang.value === 'zh'

/** What it is: its class where there is a word for it, otherwise its kind. */
export function whatOf(place: PlaceResult): string {
  return zh() ? place.class_zh ?? place.kind_zh : place.class_en ?? place.kind_en
}

/** How its name fits, where that does not show by itself. */
export function matchOf(place: PlaceResult): string | null {
  if (place.match !== 'pinyin' && place.match !== 'initials' && place.match !== 'typo') return null
  return zh() ? place.match_zh : place.match_en
}

/** Of a house that is not the one asked for: which it is. */
export function houseOf(place: PlaceResult): string | null {
  if (!place.house || place.house === 'same') return null
  return (zh() ? place.house_zh : place.house_en) ?? null
}

/** The code of a resource that was found by it: text with a figure or a dash in it that the code holds. */
export function codeOf(place: PlaceResult, typed: string): string | null {
  const bare = (text: string) => text.normalize('NFKC').replace(/[^\p{L}\p{N}]/gu, '').toLowerCase()
  const meant = /[\p{N}\p{Pd}]/u.test(typed) && bare(typed) !== ''
  return meant && place.code && bare(place.code).includes(bare(typed)) ? place.code : null
}

/** Why a failed search failed: the sentence about what was typed, without the parameter's name. */
export function searchError(error: unknown): string {
  const [wrong] = error instanceof AskError ? error.problem.violations ?? [] : []
  return wrong?.field === 'q' ? wrong[lang.value] : explain(error)
}

/** What tells places of one name apart; an address often begins with its division, which is then not said twice. */
export function toldOf(place: PlaceResult): string {
  const division = place.division_name && !place.address?.startsWith(place.division_name) ? place.division_name : null
  const parts = [place.visibility ? ts('operationalMark') : null, whatOf(place), houseOf(place), division, place.address]
  return parts.filter(Boolean).join(' · ')
}
