package fault

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"
)

// none returns the parser of a fault without an amount.
func none(f Fault, like string) func(string) (Fault, error) {
	return func(amount string) (Fault, error) {
		if amount != "" {
			return nil, errors.New("want none, or a share, like " + like)
		}
		return f, nil
	}
}

const maxSpan = 1000 * time.Hour

func parseSpan(amount, like string) (time.Duration, error) {
	d, err := time.ParseDuration(amount)
	if err != nil || d < time.Millisecond {
		return 0, errors.New("want a positive duration, like " + like)
	}
	if d > maxSpan {
		return 0, fmt.Errorf("want at most 1000h, like %s", like)
	}
	return d, nil
}

const maxCount = 100

func parseCount(amount, of, like string) (int, error) {
	n, err := strconv.Atoi(amount)
	if err != nil || n < 1 || n > maxCount {
		return 0, fmt.Errorf("want the number of %s, 1 to %d, like %s", of, maxCount, like)
	}
	return n, nil
}

// maxSize, in bytes, keeps the journal's line, which contains the body, readable.
const maxSize = 16 << 20

func parseSize(amount, like string) (int, error) {
	digits, unit := strings.TrimRight(amount, "BKMi"), 1
	switch amount[len(digits):] {
	case "", "B":
	case "KiB":
		unit = 1 << 10
	case "MiB":
		unit = 1 << 20
	default:
		digits = ""
	}
	n, err := strconv.Atoi(digits)
	if err != nil || n < 1 || n > maxSize/unit {
		return 0, fmt.Errorf("want a number of bytes, up to 16MiB, like %s", like)
	}
	return n * unit, nil
}
