package main

import (
	"cmp"
	"crypto/sha256"
	"debug/buildinfo"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"time"
)

// release is what is published of one commit.
type release struct {
	version, commit string
	date            time.Time
}

// describe asks git which commit this is.
func (r *release) describe() error {
	commit, err := output("git", "log", "-1", "--format=%H %cI")
	if err != nil {
		return err
	}
	var date string
	r.commit, date, _ = strings.Cut(commit, " ")
	if r.date, err = time.Parse(time.RFC3339, date); err != nil {
		return err
	}
	if r.version == "" {
		r.version, _ = output("git", "describe", "--tags", "--exact-match") // "" without a tag
	}
	return nil
}

// name is how files of the release begin.
func (r *release) name() string {
	if r.version == "" {
		return "ringback-" + r.commit[:12]
	}
	return "ringback-" + strings.TrimPrefix(r.version, "v")
}

// build compiles the program for a system.
func (r *release) build(target, to string, tags ...string) error {
	goos, goarch, ok := strings.Cut(target, "/")
	if !ok {
		return fmt.Errorf("-targets: %q: want one like linux/amd64", target)
	}
	module, err := output("go", "list", "-m")
	if err != nil {
		return err
	}
	set := fmt.Sprintf("-s -w -X %[1]s/cmd/cli.Commit=%[2]s -X %[1]s/cmd/cli.Date=%[3]s", module, r.commit, r.date.Format(time.RFC3339))
	if r.version != "" {
		set += fmt.Sprintf(" -X %s/cmd/cli.Version=%s", module, r.version)
	}
	c := exec.Command("go", "build", "-pgo=auto", "-trimpath", "-buildvcs=false", "-ldflags", set, "-tags", strings.Join(tags, ","), "-o", to, "./cmd/ringback")
	c.Env = append(os.Environ(), "CGO_ENABLED=0", "GOOS="+goos, "GOARCH="+goarch)
	c.Stderr = os.Stderr
	return c.Run()
}

// make writes all files of the release into a folder.
func (r *release) make(out string, targets []string) error {
	if changed, err := output("git", "status", "--porcelain"); err != nil || changed != "" {
		return cmp.Or(err, errors.New("files differ from the commit: commit or stash them first"))
	}
	if err := errors.Join(os.RemoveAll(out), os.MkdirAll(out, 0o755)); err != nil {
		return err
	}
	work, err := os.MkdirTemp("", "ringback-dist-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(work)
	extras := filepath.Join(work, "extras")
	if err := r.extras(extras); err != nil {
		return err
	}
	for _, target := range targets {
		program := filepath.Join(work, "ringback")
		if strings.HasPrefix(target, "windows/") {
			program += ".exe"
		}
		if err := r.build(target, program); err != nil {
			return fmt.Errorf("%s: %w", target, err)
		}
		base := r.name() + "-" + strings.ReplaceAll(target, "/", "-")
		if err := writeArchive(filepath.Join(out, base), program, extras, r.date); err != nil {
			return err
		}
		info, err := buildinfo.ReadFile(program)
		if err != nil {
			return err
		}
		if err := writeBOM(filepath.Join(out, base+".cdx.json"), info, cmp.Or(r.version, r.commit), r.date); err != nil {
			return err
		}
	}
	return checksums(out)
}

// extras writes what is in an archive besides the program.
func (r *release) extras(dir string) error {
	work, err := os.MkdirTemp("", "ringback-extras-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(work)
	program := filepath.Join(work, "ringback")
	if err := r.build(runtime.GOOS+"/"+runtime.GOARCH, program, "man"); err != nil {
		return err
	}
	if _, err := output(program, "man", filepath.Join(dir, "man")); err != nil {
		return err
	}
	if err := os.MkdirAll(filepath.Join(dir, "completions"), 0o755); err != nil {
		return err
	}
	for _, shell := range []string{"bash", "zsh", "fish", "powershell"} {
		script, err := output(program, "completion", shell)
		if err != nil {
			return err
		}
		if err := os.WriteFile(filepath.Join(dir, "completions", "ringback."+shell), []byte(script+"\n"), 0o644); err != nil {
			return err
		}
	}
	info, err := buildinfo.ReadFile(program)
	if err != nil {
		return err
	}
	return writeLicenses(filepath.Join(dir, "licenses"), modules(info))
}

// checksums writes SHA256SUMS, as sha256sum -c reads it.
func checksums(dir string) error {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return err
	}
	var sums strings.Builder
	for _, e := range entries {
		data, err := os.ReadFile(filepath.Join(dir, e.Name()))
		if err != nil {
			return err
		}
		fmt.Fprintf(&sums, "%x  %s\n", sha256.Sum256(data), e.Name())
	}
	return os.WriteFile(filepath.Join(dir, "SHA256SUMS"), []byte(sums.String()), 0o644)
}
