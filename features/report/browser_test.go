package report

import (
	"strings"
	"testing"

	"ringback/fixtures/browser"
)

func TestReportInBrowser(t *testing.T) {
	page := written(t, fullReport().WriteHTML)
	opened := strings.ReplaceAll(page, "<details", "<details open")
	if opened == page {
		t.Fatal("nothing folds")
	}
	browser.Find(t).Check(t, "", "", opened) // which shows all that the folded page shows
}
