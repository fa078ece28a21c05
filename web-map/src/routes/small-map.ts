// A small map in a page: its code is loaded when it is first shown, and it follows theme and language.
//
// Invariant: a map that opens after its page has gone is taken down at once.
import { onBeforeUnmount, onMounted, shallowRef, useTemplateRef, watch, type ShallowRef } from 'vue'
import { fetchDivisions } from '../api/queries'
import type { Closure } from '../api/roads'
import type { DivisionLayer } from '../api/schema'
import { theme } from '../design/theme'
import { lang } from '../i18n/lang'
import { tm } from '../i18n/map'
import { useClosures } from '../live/useClosures'
import type { MapWords } from '../map/engine'
import type { Look } from '../map/symbol-key'

interface SmallMap {
  showDivisions: (layer: DivisionLayer) => void
  showClosures: (closures: readonly Closure[]) => void
  setLook: (look: Look) => void
  destroy: () => void
}

/** What every map is opened with. */
export interface Frame {
  container: HTMLElement
  look: Look
  words: MapWords
}

export interface ShownMap<M> {
  phase: ShallowRef<'loading' | 'ready' | 'failed'>
  /** The map, once it is open. */
  map: ShallowRef<M | null>
  divisions: ShallowRef<DivisionLayer | null>
}

/** Opens a map in the element with the ref `container`; `open` loads the map's code. */
export function useSmallMap<M extends SmallMap>(open: (frame: Frame) => Promise<M>): ShownMap<M> {
  const container = useTemplateRef<HTMLElement>('container')
  const phase = shallowRef<'loading' | 'ready' | 'failed'>('loading')
  const map = shallowRef(null) as ShallowRef<M | null>
  const divisions = shallowRef<DivisionLayer | null>(null)
  const look = (): Look => ({ theme: theme.value, lang: lang.value })
  let gone = false

  onMounted(async () => {
    try {
      if (!container.value) return
      const opened = await open({ container: container.value, look: look(), words: { zoomIn: tm('zoomIn'), zoomOut: tm('zoomOut'), map: tm('map') } })
      if (gone) return opened.destroy()
      map.value = opened
      phase.value = 'ready'
      divisions.value = await fetchDivisions()
      if (!gone) opened.showDivisions(divisions.value)
    } catch {
      if (phase.value === 'loading') phase.value = 'failed'
    }
  })
  onBeforeUnmount(() => {
    gone = true
    map.value?.destroy()
  })
  watch([theme, lang], () => map.value?.setLook(look()))
  return { phase, map, divisions }
}

/** Draws the closures of the moment on a map whose page does not follow them itself; returns how many there are. */
export function useDrawnClosures<M extends SmallMap>({ map }: ShownMap<M>): () => number {
  const { closures, reload } = useClosures()
  watch(map, (opened) => opened && void reload())
  watch([map, closures], () => map.value?.showClosures(closures.value))
  return () => closures.value.length
}
