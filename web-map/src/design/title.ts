// The title of the tab, in the language in use.
import { watchEffect } from 'vue'

/** Keeps the tab's title in step with what `text` returns while the component lives. */
export function useTitle(text: () => string): void {
  watchEffect(() => {
    document.title = text()
  })
}
