//go:build darwin || dragonfly || freebsd || linux || netbsd || openbsd

package store_test

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"ringback/sim/journal"
	"ringback/sim/store"
)

// children are what the test binary does, with a journal, when a test starts it
// as another process.
var children = map[string]func(path string) error{
	"hold": hold, "append": appendForever, "fill": fillDisk,
}

func TestMain(m *testing.M) {
	do, ok := children[os.Getenv("STORE_TEST_CHILD")]
	if !ok {
		os.Exit(m.Run())
	}
	if err := do(os.Getenv("STORE_TEST_JOURNAL")); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// child is another process.
type child struct {
	t   *testing.T
	cmd *exec.Cmd
	in  io.WriteCloser
	out *bufio.Reader
}

func start(t *testing.T, do, path string) *child {
	t.Helper()
	exe, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	c := &child{t: t, cmd: exec.Command(exe)}
	c.cmd.Env = append(os.Environ(), "STORE_TEST_CHILD="+do, "STORE_TEST_JOURNAL="+path)
	c.cmd.Stderr = os.Stderr
	if c.in, err = c.cmd.StdinPipe(); err != nil {
		t.Fatal(err)
	}
	out, err := c.cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	c.out = bufio.NewReader(out)
	if err := c.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { // after a failure
		if c.cmd.ProcessState == nil {
			_ = c.cmd.Process.Kill()
			_ = c.cmd.Wait()
		}
	})
	return c
}

// says waits for a line of the child.
func (c *child) says(want string) {
	c.t.Helper()
	if got, err := c.out.ReadString('\n'); got != want+"\n" {
		c.t.Fatalf("the child says %q, %v, want %q", got, err, want)
	}
}

// tell writes a line to the child.
func (c *child) tell(line string) {
	c.t.Helper()
	if _, err := io.WriteString(c.in, line+"\n"); err != nil {
		c.t.Fatal(err)
	}
}

// quit lets the child end by itself.
func (c *child) quit() {
	c.t.Helper()
	c.in.Close()
	if err := c.cmd.Wait(); err != nil {
		c.t.Fatal(err)
	}
}

// hold has a journal open until its input ends, and does not close it.
func hold(path string) error {
	f, err := store.Open(path, new(record).fold)
	if err != nil {
		return err
	}
	fmt.Println("open")
	for s := bufio.NewScanner(os.Stdin); s.Scan(); fmt.Println("done") {
		if err := f.Compact(writes(short)); err != nil {
			return err
		}
	}
	return nil
}

// fillDisk appends steps until the disk is full, as far as it can see.
func fillDisk(path string) error {
	signal.Ignore(syscall.SIGXFSZ)
	f, err := store.Create(path)
	if err != nil {
		return err
	}
	var was syscall.Rlimit
	if err := syscall.Getrlimit(syscall.RLIMIT_FSIZE, &was); err != nil {
		return err
	}
	small := was
	small.Cur = 4000
	if err := syscall.Setrlimit(syscall.RLIMIT_FSIZE, &small); err != nil {
		return err
	}
	n := 0
	if err = f.Append([]byte(header)); err != nil {
		return err
	}
	for err == nil {
		if err = f.Append([]byte(bulky(n + 1))); err == nil {
			n++
		}
	}
	if !errors.Is(err, syscall.EFBIG) {
		return err
	}
	if err := f.Compact(func(w io.Writer) error {
		_, err := io.WriteString(w, header+strings.Repeat(faults(1, false), 1000))
		return err
	}); !errors.Is(err, syscall.EFBIG) {
		return fmt.Errorf("a compaction that is too large: %w", err)
	}
	fmt.Println("full after", n, "size", f.Size())
	bufio.NewScanner(os.Stdin).Scan()
	if err := syscall.Setrlimit(syscall.RLIMIT_FSIZE, &was); err != nil {
		return err
	}
	if err := f.Append([]byte(bulky(n + 1))); err != nil {
		return err
	}
	fmt.Println("went on")
	return f.Close()
}

// bulky is a step of three lines, too long to fit in anywhere by chance.
func bulky(n int) string {
	return faults(3*n-2, true) + faults(3*n-1, true) + strings.Replace(faults(3*n, false), "drop", strings.Repeat("drop", 100), 1)
}

// When the disk is full, the journal ends with the last whole step, and it goes
// on when there is room again.
func TestFullDisk(t *testing.T) {
	path := filepath.Join(t.TempDir(), "run.ndjson")
	c := start(t, "fill", path)
	var n, size int
	if _, err := fmt.Fscanf(c.out, "full after %d size %d\n", &n, &size); err != nil || n == 0 {
		t.Fatalf("it was full after %d steps, %v", n, err)
	}
	want := header
	for i := range n {
		want += bulky(i + 1)
	}
	holds(t, path, want)
	if size != len(want) {
		t.Errorf("its size is said to be %d, want %d", size, len(want))
	}
	alone(t, path)
	c.tell("")
	c.says("went on")
	c.quit()
	holds(t, path, want+bulky(n+1))
}

// inUse checks that nobody else can have a journal.
func inUse(t *testing.T, path string) {
	t.Helper()
	want := "journal " + path + " is in use by another ringback"
	if f, err := store.Create(path); f != nil || err == nil || err.Error() != want {
		t.Errorf("Create: %v", err)
	}
	fold := func(*journal.Event) error { return errors.New("it was read") }
	if f, err := store.Open(path, fold); f != nil || err == nil || err.Error() != want {
		t.Errorf("Open: %v", err)
	}
}

func TestLock(t *testing.T) {
	path := put(t, "")
	f, _ := open(t, path)
	inUse(t, path)
	add(t, f, header)
	if err := f.Compact(writes(short)); err != nil {
		t.Fatal(err)
	}
	inUse(t, path)
	closed(t, f)
	f, err := store.Replace(path)
	if err != nil {
		t.Fatal(err)
	}
	inUse(t, path)
	closed(t, f)
	rewrite(t, path, "hello")
	if _, err := store.Create(path); err == nil {
		t.Fatal("what is no journal was emptied")
	}
	rewrite(t, path, header) // a file that was refused is free again
	f, _ = open(t, path)
	closed(t, f)
}

func TestLockOfAnotherProcess(t *testing.T) {
	path := put(t, header)
	c := start(t, "hold", path)
	c.says("open")
	inUse(t, path)
	c.tell("compact")
	c.says("done")
	inUse(t, path)
	holds(t, path, short)
	c.quit()
	f, _ := open(t, path)
	closed(t, f)
}

// However a compaction and an opening meet, the journal belongs to the first. Some
// meetings are rare: to soak, there are more.
func TestLockWhileCompacting(t *testing.T) {
	path := put(t, header)
	f, _ := open(t, path)
	stop := make(chan struct{})
	stolen := make(chan int)
	go func() {
		n := 0
		for {
			select {
			case <-stop:
				stolen <- n
				return
			default:
			}
			if f, err := store.Open(path, new(record).fold); err == nil {
				n++
				f.Close()
			}
		}
	}()
	times := 100
	if os.Getenv("RINGBACK_SOAK") != "" {
		times = 2000
	}
	for range times {
		if err := f.Compact(writes(short)); err != nil {
			t.Error(err)
			break
		}
	}
	close(stop)
	if n := <-stolen; n > 0 {
		t.Errorf("another one had the journal %d times", n)
	}
}

// A device or a pipe is only written to.
func TestStreams(t *testing.T) {
	for name, start := range starts {
		f, err := start(os.DevNull)
		if err != nil {
			t.Fatal(err)
		}
		for _, step := range steps(t) {
			if err := f.Append([]byte(step)); err != nil {
				t.Errorf("%s: %v", name, err)
			}
		}
		if f.Size() != 0 || f.Tail() != (store.Tail{}) {
			t.Errorf("%s: size %d, tail %+v", name, f.Size(), f.Tail())
		}
		if err := f.Compact(writes(short)); err == nil || err.Error() != "journal "+os.DevNull+" is not compacted: it is a device or a pipe" {
			t.Errorf("%s: %v", name, err)
		}
		closed(t, f)
	}
}

var starts = map[string]func(string) (*store.File, error){
	"Open":   func(path string) (*store.File, error) { return store.Open(path, new(record).fold) },
	"Create": store.Create,
}

// pipe makes a pipe with a name and a mode of its own.
func pipe(t *testing.T) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "pipe")
	if err := syscall.Mkfifo(path, 0o640); err != nil {
		t.Skip(err)
	}
	return path
}

func TestPipe(t *testing.T) {
	for name, start := range starts {
		path := pipe(t)
		got := make(chan string)
		go func() {
			b, err := os.ReadFile(path)
			if err != nil {
				t.Error(err)
			}
			got <- string(b)
		}()
		f, err := start(path)
		if err != nil {
			t.Fatal(err)
		}
		for _, step := range steps(t) {
			if err := f.Append([]byte(step)); err != nil {
				t.Errorf("%s: %v", name, err)
			}
		}
		closed(t, f)
		if <-got != strings.Join(steps(t), "") {
			t.Errorf("%s: something else came out", name)
		}
		if st, err := os.Stat(path); err != nil || st.Mode().Perm() != 0o640 {
			t.Errorf("%s: its mode is %v, %v", name, st.Mode(), err)
		}
	}
}

// When the reader goes away in the middle of a step, the next reader does not
// get the rest of it, nor what comes after.
func TestBrokenPipe(t *testing.T) {
	path := pipe(t)
	opened := make(chan *os.File)
	go func() {
		r, err := os.Open(path)
		if err != nil {
			t.Error(err)
		}
		opened <- r
	}()
	f, err := store.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	r := <-opened
	go func() {
		_, _ = io.ReadFull(r, make([]byte, 1000)) // the step is under way
		r.Close()
	}()
	if err := f.Append([]byte(strings.Repeat(faults(1, true), 20_000))); !errors.Is(err, syscall.EPIPE) {
		t.Errorf("half a step: %v", err)
	}
	if err := f.Append([]byte(faults(2, false))); err == nil || err.Error() != "journal "+path+": half a step was written, so nothing can follow it" {
		t.Errorf("the next step: %v", err)
	}
}
