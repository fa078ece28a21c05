// On the map: the button that changes the ground, and whose map it is.
import type { IControl, Map as MapLibreMap } from 'maplibre-gl'
import { tm, mapPhrases } from '../i18n/map'
import type { Ground } from './ground'

function control(element: HTMLElement): IControl {
  return { onAdd: () => element, onRemove: () => element.remove() }
}

/** Adds a button that goes from one ground to the next. */
export function addChooser(map: MapLibreMap, { offered, choice }: { offered: readonly Ground[]; choice: Ground }, onChoice: (ground: Ground) => void): void {
  const group = document.createElement('div')
  group.className = 'maplibregl-ctrl maplibregl-ctrl-group'
  const button = document.createElement('button')
  button.type = 'button'
  button.className = 'ground-chooser'
  button.dataset.testid = 'ground'
  button.innerHTML = '<svg viewBox="0 0 24 24" width="20" height="20" aria-hidden="true"><path d="M12 3 2.500 8.200 12 13.400l9.500-5.200z"/><path d="m2.500 12.200 9.500 5.200 9.500-5.200M2.500 16.200l9.500 5.200 9.500-5.200" class="open"/></svg>'
  let now = choice
  const name = () => {
    button.title = tm('groundNow', { now: tm(`ground_${now}`) })
    button.setAttribute('aria-label', button.title)
    button.dataset.ground = now
  }
  button.addEventListener('click', () => {
    now = offered[(offered.indexOf(now) + 1) % offered.length] ?? now
    name()
    onChoice(now)
  })
  button.addEventListener('pointerenter', name)
  name()
  group.append(button)
  map.addControl(control(group), 'bottom-right')
}

/** What is said of a map on it. */
export interface Credit {
  /** 审图号. */
  approval: string | null
  /** Whose it is, and of when. */
  sources: (string | null)[]
}

/** Adds a line for whose map it is, its date and approval number, or that it has none; returns how it is written. */
export function addCredit(map: MapLibreMap): (credit: Credit) => void {
  const line = document.createElement('div')
  line.className = 'ground-credit'
  line.dataset.testid = 'ground-credit'
  map.getContainer().append(line)
  const span = (text: string, className = '') => {
    const made = document.createElement('span')
    made.className = className
    made.textContent = text
    return made
  }
  return ({ approval, sources }) => {
    const approved = approval ? span(`${tm('approval')} ${approval}`) : span(`${mapPhrases.unapproved.zh} / ${mapPhrases.unapproved.en}`, 'unapproved')
    line.replaceChildren(approved, ...sources.filter((text) => text !== null && text !== '').map((text) => span(text as string)))
  }
}
