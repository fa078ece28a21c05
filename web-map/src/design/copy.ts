// Copying text. The clipboard needs a secure page; where there is none, the text is selected so that it can be copied by hand.

/** Copies a text; `false` when it was only selected in `shown`. */
export async function copyText(text: string, shown: HTMLElement | null): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text)
    return true
  } catch {
    if (shown) getSelection()?.selectAllChildren(shown)
    return false
  }
}
