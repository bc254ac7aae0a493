// Package k8s holds the manifests against the types of Kubernetes. It is a module of its own
// because those are large, and nothing else needs them.
package k8s

import (
	"bufio"
	"bytes"
	"errors"
	"io"
	"os"
	"strings"
	"testing"

	batch "k8s.io/api/batch/v1"
	core "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/util/yaml"
	strict "sigs.k8s.io/yaml"
)

// decode returns the objects of a file, each of whose fields must be known.
func decode(t *testing.T, file string) (list []any) {
	t.Helper()
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	list, err = objects(data)
	if err != nil {
		t.Fatalf("%s: %v", file, err)
	}
	return list
}

func objects(data []byte) (list []any, err error) {
	docs := yaml.NewYAMLReader(bufio.NewReader(bytes.NewReader(data)))
	for {
		doc, err := docs.Read()
		if errors.Is(err, io.EOF) {
			return list, nil
		}
		if err != nil {
			return nil, err
		}
		var kind struct{ Kind string }
		if err := strict.Unmarshal(doc, &kind); err != nil {
			return nil, err
		}
		object := map[string]any{"Job": new(batch.Job), "PersistentVolumeClaim": new(core.PersistentVolumeClaim)}[kind.Kind]
		if object == nil {
			return nil, errors.New("kind " + kind.Kind)
		}
		if err := strict.UnmarshalStrict(doc, object); err != nil {
			return nil, err
		}
		list = append(list, object)
	}
}

func TestManifests(t *testing.T) {
	load := decode(t, "job.yaml")[1].(*batch.Job)
	merge := decode(t, "merge.yaml")[0].(*batch.Job)
	spec := load.Spec
	if *spec.CompletionMode != batch.IndexedCompletion || *spec.Completions != *spec.Parallelism {
		t.Errorf("%s, %d completions, %d at once: want an indexed Job, all at once", *spec.CompletionMode, *spec.Completions, *spec.Parallelism)
	}
	args := strings.Join(spec.Template.Spec.Containers[0].Args, "\n")
	if !strings.Contains(args, "--segment=auto/8") || *spec.Completions != 8 {
		t.Errorf("%d completions of\n%s", *spec.Completions, args)
	}
	reports := 0
	for _, arg := range merge.Spec.Template.Spec.Containers[0].Args {
		if strings.HasSuffix(arg, ".json") {
			reports++
		}
	}
	if reports != int(*spec.Completions) {
		t.Errorf("%d reports are merged, of %d segments", reports, *spec.Completions)
	}
	for _, job := range []*batch.Job{load, merge} {
		pod := job.Spec.Template.Spec
		for _, m := range pod.Containers[0].VolumeMounts {
			if m.Name != pod.Volumes[0].Name {
				t.Errorf("%s: mounts %s, which is no volume", job.Name, m.Name)
			}
		}
		if pod.Volumes[0].PersistentVolumeClaim.ClaimName != "ringback-reports" {
			t.Errorf("%s: claims %s", job.Name, pod.Volumes[0].PersistentVolumeClaim.ClaimName)
		}
	}
}

// A field that Kubernetes does not know is found.
func TestUnknownField(t *testing.T) {
	data, err := os.ReadFile("job.yaml")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := objects(bytes.Replace(data, []byte("completionMode"), []byte("completionMood"), 1)); err == nil || !strings.Contains(err.Error(), "completionMood") {
		t.Errorf("%v, want one about completionMood", err)
	}
}
