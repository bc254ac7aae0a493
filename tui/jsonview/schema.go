package jsonview

import (
	"reflect"
	"strings"

	"ringback/sim/delivery"
	"ringback/sim/wire"
)

// Shape is the documented form of a JSON value.
type Shape struct {
	kind   string // object, list, string, number, or "" for any
	fields []field
	of     *Shape // of a list's elements
}

// field is a key of an object.
type field struct {
	name     string
	optional bool
	shape    Shape
}

// The documented answers (60130, 68941).
type (
	v1Answer struct {
		ErrorCode    int
		ErrorMessage string
	}
	v4Answer struct {
		ActionStatus string
		ErrorInfo    string
		ErrorCode    int
	}
)

// The shapes of all bodies, from the types that write them.
var (
	v1Shape            = shapeOf(reflect.TypeFor[wire.V1Body]())
	startCallShape     = shapeOf(reflect.TypeFor[wire.StartCall]())
	memberChangedShape = shapeOf(reflect.TypeFor[wire.MemberChanged]())
	endCallShape       = shapeOf(reflect.TypeFor[wire.EndCall]())
	v1AnswerShape      = shapeOf(reflect.TypeFor[v1Answer]())
	v4AnswerShape      = shapeOf(reflect.TypeFor[v4Answer]())
)

// RequestShape is what a callback's body should be.
func RequestShape(d *delivery.Delivery) *Shape {
	switch d.Word {
	case wire.AfterStartCall:
		return &startCallShape
	case wire.AfterMemberChanged:
		return &memberChangedShape
	case wire.AfterEndCall:
		return &endCallShape
	}
	return &v1Shape
}

// AnswerShape is what the answer to a callback should be.
func AnswerShape(d *delivery.Delivery) *Shape {
	if d.Generation == wire.V4 {
		return &v4AnswerShape
	}
	return &v1AnswerShape
}

func shapeOf(t reflect.Type) Shape {
	switch t.Kind() {
	case reflect.Pointer:
		return shapeOf(t.Elem())
	case reflect.String:
		return Shape{kind: "string"}
	case reflect.Int, reflect.Int64:
		return Shape{kind: "number"}
	case reflect.Slice:
		of := shapeOf(t.Elem())
		return Shape{kind: "list", of: &of}
	case reflect.Struct:
		if t == reflect.TypeFor[wire.Account]() { // a string or a number, by dialect
			return Shape{}
		}
		s := Shape{kind: "object"}
		for i := range t.NumField() {
			f := t.Field(i)
			name, options, _ := strings.Cut(f.Tag.Get("json"), ",")
			if name == "" {
				name = f.Name
			}
			s.fields = append(s.fields, field{name, strings.Contains(options, "omitempty"), shapeOf(f.Type)})
		}
		return s
	}
	return Shape{}
}

func (s *Shape) field(name string) *field {
	for i := range s.fields {
		if s.fields[i].name == name {
			return &s.fields[i]
		}
	}
	return nil
}
