package report

import (
	"encoding/json"
	"fmt"
	"html"
	"strings"
	"testing"

	"ringback/fixtures/browser"
)

// measured is what measure.js, below, finds out about a page.
type measured struct {
	Inner    int      // width of the window
	Closed   int      // width of the page as it opens
	Open     int      // width of the page with all that folds opened
	Wide     []string // what sticks out
	Dark     bool
	Loaded   []string // addresses of what the page loaded, or tried to
	Contrast float64  // the least of text to what is behind it
	Faintest string   // the text with that contrast
}

// The report has no scripts and forbids them: this one is put into a copy
// without the policy. The copy is in a frame, for a window can't be narrow.
const measureJS = `<script>
addEventListener("load", () => {
  const root = document.documentElement, m = {};
  m.inner = innerWidth;
  m.closed = root.scrollWidth;
  document.querySelectorAll("details").forEach(d => d.open = true);
  m.open = root.scrollWidth;
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
  parent.document.title = JSON.stringify(m);
  parent.document.body.textContent = "";
});
</script></body>`

func TestReportInBrowser(t *testing.T) {
	chromium := browser.Find(t)
	page := written(t, fullReport().WriteHTML)
	for _, width := range []int{390, 1280} {
		for _, dark := range []bool{false, true} {
			t.Run(fmt.Sprintf("%d dark %t", width, dark), func(t *testing.T) {
				t.Parallel()
				m := measure(t, chromium, page, width, dark)
				if m.Inner != width || m.Dark != dark {
					t.Fatalf("asked for %d pixels, dark %t; got %d, %t", width, dark, m.Inner, m.Dark)
				}
				if m.Closed > m.Inner || m.Open > m.Inner {
					t.Errorf("the page scrolls sideways: %d pixels, %d with all opened; %.10q stick out", m.Closed, m.Open, m.Wide)
				}
				if len(m.Loaded) > 0 {
					t.Errorf("the page loads %q", m.Loaded)
				}
				if m.Contrast < 4.5 {
					t.Errorf("contrast %.2f of %q, want at least 4.5", m.Contrast, m.Faintest)
				}
			})
		}
	}
	t.Run("a bad page is seen to be bad", func(t *testing.T) {
		t.Parallel()
		bad := `<html><body style="background: #fff"><p style="color: #ccc; width: 2000px">faint<img src="http://127.0.0.1:9/x.png"></p></body></html>`
		m := measure(t, chromium, bad, 390, false)
		if m.Open <= m.Inner || len(m.Loaded) != 1 || m.Contrast > 2 {
			t.Errorf("measured %+v", m)
		}
	})
}

// measure opens a page in Chromium and reads the measures from its title.
func measure(t *testing.T, chromium browser.Browser, page string, width int, dark bool) (m measured) {
	t.Helper()
	page = strings.Replace(browser.WithoutPolicy(page), "</body>", measureJS, 1)
	page = fmt.Sprintf(`<!DOCTYPE html><meta charset="utf-8"><meta name="color-scheme" content="light dark"><title>unmeasured</title>
		<body><iframe style="border: 0; width: %dpx; height: 2000px" srcdoc="%s"></iframe></body>`, width, html.EscapeString(page))
	scheme := browser.Light
	if dark {
		scheme = browser.Dark
	}
	title := chromium.Title(t, page, scheme)
	if err := json.Unmarshal([]byte(title), &m); err != nil {
		t.Fatalf("%v: title %s", err, title)
	}
	return m
}
