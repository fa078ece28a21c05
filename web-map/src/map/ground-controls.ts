// On the map: the button that changes the ground, and whose map it is.
import type { IControl, Map as MapLibreMap } from 'maplibre-gl'
import type { Meta } from '../api/schema'
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

/** Adds whose map it is, its date and approval number, or that it has none. */
export function addCredit(map: MapLibreMap, said: Meta['map']): void {
  const credit = document.createElement('div')
  credit.className = 'ground-credit'
  credit.dataset.testid = 'ground-credit'
  const add = (text: string, className = '') => {
    const span = document.createElement('span')
    span.className = className
    span.textContent = text
    credit.append(span)
  }
  if (said.approval_number) add(`${tm('approval')} ${said.approval_number}`)
  else add(`${mapPhrases.unapproved.zh} / ${mapPhrases.unapproved.en}`, 'unapproved')
  if (said.source) add(said.source)
  if (said.data_date) add(said.data_date)
  map.getContainer().append(credit)
}
