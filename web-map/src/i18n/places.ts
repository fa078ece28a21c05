// What is told of a place that was found.
import type { PlaceResult } from '../api/schema'
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

/** What tells places of one name apart. */
export function toldOf(place: PlaceResult): string {
  const parts = [place.visibility ? ts('operationalMark') : null, whatOf(place), houseOf(place), place.division_name, place.address]
  return parts.filter(Boolean).join(' · ')
}
