package load_test

import (
	"encoding/json"
	"fmt"
	"html"
	"strings"
	"testing"

	"ringback/fixtures/browser"
)

// measured is what measure.js, below, measures of a page.
type measured struct {
	Inner    int      // width of the window
	Width    int      // of the page
	Wide     []string // what sticks out
	Dark     bool
	Loaded   []string // addresses of what the page loaded, or tried to
	Contrast float64  // the least of text to what is behind it
	Faintest string   // the text with that contrast
	Hover    string   // what the first plot says of a place in its middle
}

// The report forbids scripts but its own: this one is put into a copy without
// the policy. The copy is in a frame, for a window can't be narrow.
const measureJS = `<script>
addEventListener("load", () => {
  const root = document.documentElement, m = {};
  m.inner = innerWidth;
  m.width = root.scrollWidth;
  m.wide = [...document.querySelectorAll("body *")].filter(e => e.getBoundingClientRect().right > innerWidth + 0.5).map(e => e.tagName + "." + e.className);
  m.dark = matchMedia("(prefers-color-scheme: dark)").matches;
  m.loaded = performance.getEntriesByType("resource").map(e => e.name);
  const rgb = c => { const v = c.match(/[\d.]+/g).map(Number); return v.length < 4 ? [...v, 1] : v; };
  const light = c => { const [r, g, b] = c.map(v => { v /= 255; return v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4; }); return 0.2126 * r + 0.7152 * g + 0.0722 * b; };
  const behind = e => { for (; e; e = e.parentElement) { const c = rgb(getComputedStyle(e).backgroundColor); if (c[3] === 1) return c; } return [255, 255, 255, 1]; };
  m.contrast = 21;
  for (const e of document.querySelectorAll("body *")) {
    if (![...e.childNodes].some(n => n.nodeType === 3 && n.data.trim())) continue;
    const a = light(rgb(getComputedStyle(e).color)), b = light(behind(e));
    const c = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
    if (c < m.contrast) { m.contrast = c; m.faintest = e.textContent.slice(0, 60); }
  }
  const box = document.querySelector("#latency .box");
  if (box) {
    const r = box.getBoundingClientRect();
    box.dispatchEvent(new PointerEvent("pointermove", { clientX: r.left + r.width * 0.4, clientY: r.top + 5 }));
    m.hover = document.querySelector("#latency output").textContent;
  }
  parent.measured[+frameElement.name] = m;
  if (Object.keys(parent.measured).length === parent.frames.length) {
    parent.document.title = JSON.stringify(parent.measured);
    parent.document.body.textContent = "";
  }
});
</script></body>`

func TestReportInBrowser(t *testing.T) {
	chromium := browser.Find(t)
	page, search := written(t, sampleReport()), limitPage(t, sampleLimit())
	bad := `<html><body style="background: #fff"><p style="color: #ccc; width: 2000px">faint<img src="http://127.0.0.1:9/x.png"></p></body></html>`
	for _, dark := range []bool{false, true} {
		t.Run(fmt.Sprintf("dark %t", dark), func(t *testing.T) {
			t.Parallel()
			frames := []frame{{page, 390}, {page, 1280}, {search, 390}, {search, 1280}, {bad, 390}}
			found := measure(t, chromium, dark, frames)
			for i, m := range found[:4] {
				if m.Inner != frames[i].width || m.Dark != dark {
					t.Fatalf("asked for %d pixels, dark %t; got %d, %t", frames[i].width, dark, m.Inner, m.Dark)
				}
				if m.Width > m.Inner {
					t.Errorf("the page scrolls sideways: %d of %d pixels; %.10q stick out", m.Width, m.Inner, m.Wide)
				}
				if len(m.Loaded) > 0 {
					t.Errorf("the page loads %q", m.Loaded)
				}
				if m.Hover != "16s to 17s: p50 60ms, p99 700ms, worst 2.004s" {
					t.Errorf("the plot says %q", m.Hover)
				}
				if m.Contrast < 4.5 {
					t.Errorf("contrast %.2f of %q, want at least 4.5", m.Contrast, m.Faintest)
				}
			}
			// The check fails for a bad page.
			if m := found[4]; m.Width <= m.Inner || len(m.Loaded) != 1 || m.Contrast > 2 {
				t.Errorf("measured %+v", m)
			}
		})
	}
}

// frame is a page, and how wide the window is that it is seen through.
type frame struct {
	page  string
	width int
}

// measure opens pages in Chromium and reads the measures from its title.
func measure(t *testing.T, chromium browser.Browser, dark bool, frames []frame) []measured {
	t.Helper()
	var page strings.Builder
	page.WriteString(`<!DOCTYPE html><meta charset="utf-8"><meta name="color-scheme" content="light dark"><title>unmeasured</title><script>measured = {}</script><body>`)
	for i, f := range frames {
		text := strings.Replace(browser.WithoutPolicy(f.page), "</body>", measureJS, 1)
		fmt.Fprintf(&page, `<iframe name="%d" style="border: 0; width: %dpx; height: 2000px" srcdoc="%s"></iframe>`, i, f.width, html.EscapeString(text))
	}
	scheme := browser.Light
	if dark {
		scheme = browser.Dark
	}
	title := chromium.Title(t, page.String(), scheme)
	by := map[int]measured{}
	if err := json.Unmarshal([]byte(title), &by); err != nil {
		t.Fatalf("%v: title %s", err, title)
	}
	var list []measured
	for i := range frames {
		list = append(list, by[i])
	}
	return list
}
