// @ts-check
// The tab that is looked at has an address: #models, or nothing for the first. Back and Forward walk through the tabs,
// and who opens the address sees the tab. The tabs themselves are Gradio's; its buttons are pressed.

const BUTTON = '#studio-tabs button[role="tab"]';
const ID = /^studio-tab-(\w+)-button$/;

export class Tabs {
  /**
   * @param {string} first the tab without an address of its own
   * @param {(tab: string) => void} opened hears of every tab that is shown
   */
  constructor(first, opened) {
    this.first = first;
    this.opened = opened;
    this.walking = false; // the browser has the address already
    document.addEventListener("click", ({ target }) => {
      const button = target instanceof Element ? target.closest(BUTTON) : null;
      const tab = button && ID.exec(button.id)?.[1];
      if (tab) this.shown(tab);
    });
    // Of Back and Forward, and of an address that was typed.
    window.addEventListener("hashchange", () => this.follow());
    this.follow();
  }

  /** The tab that the address names. */
  get named() {
    return location.hash.slice(1) || this.first;
  }

  /** @param {string} tab */
  shown(tab) {
    if (!this.walking && tab !== this.named) {
      // The whole address: a page in a frame may have another base.
      const address = location.pathname + location.search + (tab === this.first ? "" : `#${tab}`);
      try {
        history.pushState(null, "", address);
      } catch {
        // A frame without an origin of its own may not; the tab opens all the same.
      }
    }
    this.opened(tab);
  }

  /** Show the tab that the address names, where there is one and the visitor may see it. */
  follow() {
    const button = document.getElementById(`studio-tab-${this.named}-button`);
    if (!button || button.offsetParent === null || button.getAttribute("aria-selected") === "true") return;
    this.walking = true;
    button.click();
    this.walking = false;
  }
}
